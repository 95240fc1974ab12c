"""The firm's page of its beneficial owners: what is declared, and the form that renews it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from rongqiao.parties.operations.declare_owners import declare_owners
from rongqiao.parties.queries.owners import DeclarationView, OwnerView, declarations_of
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower.statements.owners_form import FIRST_LINES, MOST_LINES, OwnersForm
from rongqiao.web.borrower.statements.words import DECLARED, DECLARED_TONES, GROUNDS
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.exports import csv_of, wants_csv


@sensitive_post_parameters()
@acting
def owners(request: HttpRequest) -> HttpResponse:
    """Show who is declared, and take a new version."""
    party = party_of(request)
    if party.is_person:
        raise NotFound(what="owners")
    history = declarations_of(party.id)
    if wants_csv(request):
        return _file(history)
    form = _form(request, history)
    if form.is_bound and form.is_valid():
        command = form.command(party.id)
        done = form.attempt(lambda: declare_owners(command, form.call(request)))
        if done is not None:
            messages.success(
                request, _("已申报为第 %(n)s 版，满一年时请再确认一次。") % {"n": done.number}
            )
            return redirect("owners")
    context = {
        "party": party,
        "history": [shown_declaration(one) for one in history],
        "state": _state(history),
        "form": form,
        "rows": form.rows(),
        "has_room": form.count < MOST_LINES,
    }
    status = 422 if form.is_bound else 200
    return render(request, "borrower/owners.html", context, status=status)


def shown_declaration(one: DeclarationView) -> dict[str, Any]:
    """Return a version as pages show it."""
    return {"one": one, "owners": [shown_owner(owner) for owner in one.owners]}


def shown_owner(one: OwnerView) -> dict[str, Any]:
    """Return an owner as lists show them; the share as a fraction."""
    return {
        "one": one,
        "control": say(GROUNDS, one.control),
        "share": None if one.share_bp is None else Decimal(one.share_bp) / 10_000,
    }


def _form(request: HttpRequest, history: tuple[DeclarationView, ...]) -> OwnersForm:
    """Return the form as it was sent, with a line more where that was asked for, or a new one."""
    known = history[0].owners if history else ()
    after = history[0].number if history else 0
    if request.method != "POST":
        lines = len(known) + 1 if known else FIRST_LINES
        return OwnersForm(known=known, after=after, lines=lines)
    sent = request.POST.get("lines", "")
    lines = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) <= 2 else FIRST_LINES
    lines = min(max(lines, len(known), 1), MOST_LINES)
    if request.POST.get("more"):
        typed = {name: request.POST[name] for name in request.POST if "-" in name}
        lines = min(lines + 1, MOST_LINES)
        return OwnersForm(known=known, after=after, lines=lines, initial=typed)
    return OwnersForm(request.POST, known=known, after=after, lines=lines)


def _state(history: tuple[DeclarationView, ...]) -> dict[str, Any]:
    """Return how the firm stands today: word, tone, and the day from which it is asked anew."""
    state, renew_on = "missing", None
    if history:
        state, renew_on = history[0].standing_on(clock.business_date()), history[0].renew_on
    return {
        "word": say(DECLARED, state),
        "tone": DECLARED_TONES[state],
        "renew_on": renew_on,
    }


def _file(history: Iterable[DeclarationView]) -> HttpResponse:
    heads = (
        *(_("版本"), _("申报日期"), _("姓名"), _("身份证号")),
        *(_("情形"), _("比例（%）"), _("起始日期")),
    )
    rows = (
        (
            declared.number,
            declared.declared_on,
            one.name,
            one.number,
            say(GROUNDS, one.control),
            None if one.share_bp is None else Decimal(one.share_bp) / 100,
            one.since_on,
        )
        for declared in history
        for one in declared.owners
    )
    return csv_of("owners", heads, rows)
