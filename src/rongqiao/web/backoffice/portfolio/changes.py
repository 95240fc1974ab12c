"""A loan's terms changed on the desk as its borrower asked: worked out, proposed, decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.rescheduling.decide_change import (
    DecideChange,
    decide_change,
)
from rongqiao.lending.servicing.operations.rescheduling.deciding import DECIDERS, PROPOSERS
from rongqiao.lending.servicing.operations.rescheduling.propose_change import (
    MOST_MONTHS,
    ProposeChange,
    propose_change,
)
from rongqiao.lending.servicing.queries.amending.changes import (
    ChangeQuote,
    ChangeView,
    PlannedRow,
    Wish,
    list_changes,
    quote_change,
)
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.parties.queries import get_party
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound, Refusal
from rongqiao.web.backoffice.portfolio.rooms import READERS
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import KeyedForm, StrictForm, WholeField, first_error
from rongqiao.web.frame.refusals import message_for

LIVE = ("active", "overdue")
# Each way: its kind, whether the last due date moves, whether interest put off is spread.
WAYS = {
    "extension": ("extension", False, False),
    "interest-only": ("principal-holiday", False, False),
    "interest-only-longer": ("principal-holiday", True, False),
    "pause": ("payment-holiday", False, False),
    "pause-longer": ("payment-holiday", True, False),
    "pause-spread": ("payment-holiday", False, True),
    "pause-longer-spread": ("payment-holiday", True, True),
}
WAY_NAMES = {
    "extension": gettext_lazy("展期"),
    "interest-only": gettext_lazy("只还利息，到期日不变"),
    "interest-only-longer": gettext_lazy("只还利息，到期日顺延"),
    "pause": gettext_lazy("暂停还款，到期日不变，利息随后一期还"),
    "pause-longer": gettext_lazy("暂停还款，到期日顺延，利息随后一期还"),
    "pause-spread": gettext_lazy("暂停还款，到期日不变，利息分摊到以后各期"),
    "pause-longer-spread": gettext_lazy("暂停还款，到期日顺延，利息分摊到以后各期"),
}
STATES = {
    "waiting": gettext_lazy("待复核"),
    "approved": gettext_lazy("已变更"),
    "declined": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
}


class QuoteForm(StrictForm):
    """Which change, for how many months."""

    way = forms.ChoiceField(choices=list(WAY_NAMES.items()), label=gettext_lazy("变更方式"))
    months = WholeField(least=1, most=MOST_MONTHS, label=gettext_lazy("月数"))


class ChangeForm(KeyedForm):
    """What was worked out, the borrower's request, and why."""

    way = forms.ChoiceField(choices=list(WAY_NAMES.items()), widget=forms.HiddenInput)
    months = WholeField(least=1, most=MOST_MONTHS, widget=forms.HiddenInput)
    consent = forms.CharField(max_length=80, label=gettext_lazy("借款人申请书编号"))
    reason = forms.CharField(max_length=200, label=gettext_lazy("变更理由"))


class DecideForm(KeyedForm):
    """What the decider was shown as all that is to be paid after, in fen."""

    shown = forms.IntegerField(widget=forms.HiddenInput, required=False)


@staff(*READERS)
def change_page(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show a loan's changes of terms; `way` and `months` work one out. Nothing is written here."""
    given = request.GET
    if "way" not in given and "months" not in given:
        return _page(request, loan_id)
    asked = QuoteForm(given)
    if not asked.is_valid():
        return _page(request, loan_id, asked=asked, status=422)
    wanted = {name: asked.cleaned_data[name] for name in ("way", "months")}
    try:
        quote = quote_change(loan_id, _wish(wanted), clock.business_date())
    except Refusal as refusal:
        field = refusal.facts.get("field", "")
        asked.add_error(field if field in asked.fields else None, message_for(refusal))
        return _page(request, loan_id, asked=asked, status=422)
    return _page(request, loan_id, ChangeForm(initial=wanted), asked=asked, quote=quote)


@require_POST
@staff(*PROPOSERS)
def propose(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Propose a change of terms; another person decides."""
    form = ChangeForm(request.POST)
    if form.is_valid():
        wish = _wish(form.cleaned_data)
        command = ProposeChange(
            loan_id=loan_id,
            kind=wish.kind,
            months=wish.months,
            is_end_moved=wish.is_end_moved,
            is_spread=wish.is_spread,
            consent=form.cleaned_data["consent"],
            reason=form.cleaned_data["reason"],
        )
        if form.attempt(lambda: propose_change(command, form.call(request))) is not None:
            messages.success(request, _("变更已提交，等待另一位复核。"))
            return redirect("loan-changes", loan_id)
    is_known = {"way", "months"} <= form.cleaned_data.keys()
    quote = _quote(loan_id, _wish(form.cleaned_data)) if is_known else None
    return _page(request, loan_id, form, quote=quote, status=422)


@require_POST
@staff(*{*PROPOSERS, *DECIDERS})
def decide(request: HttpRequest, loan_id: UUID, change_id: UUID, word: str) -> HttpResponse:
    """Approve, decline or take back a change of terms."""
    if word not in ("approve", "decline", "withdraw"):
        raise NotFound
    form = DecideForm(request.POST)
    if form.is_valid():
        shown = form.cleaned_data["shown"]
        command = DecideChange(
            change_id=change_id, word=word, shown=None if shown is None else Money(shown)
        )
        done = form.attempt(lambda: decide_change(command, form.call(request)))
        if done is not None:
            messages.success(request, _("已办理。"))
            return redirect("loan-changes", loan_id)
    messages.error(request, first_error(form))
    return redirect("loan-changes", loan_id)


def _wish(wanted: dict[str, Any]) -> Wish:
    kind, is_end_moved, is_spread = WAYS[wanted["way"]]
    months = wanted["months"]
    return Wish(kind=kind, months=months, is_end_moved=is_end_moved, is_spread=is_spread)


def _quote(loan_id: UUID, wish: Wish) -> ChangeQuote | None:
    """Return what a change would do, None where it cannot be made."""
    try:
        return quote_change(loan_id, wish, clock.business_date())
    except Refusal:
        return None


def _page(
    request: HttpRequest,
    loan_id: UUID,
    form: ChangeForm | None = None,
    *,
    asked: QuoteForm | None = None,
    quote: ChangeQuote | None = None,
    status: int = 200,
) -> HttpResponse:
    today = clock.business_date()
    card = get_loan(loan_id, today).card
    rows = list_changes(loan_id, today)
    is_free = card.state in LIVE and not any(one.state == "waiting" for one in rows)
    may_propose = is_free and bool(roles_held(request) & set(PROPOSERS))
    context = {
        "desk": True,
        "card": card,
        "party": get_party(card.party_id),
        "changes": [_shown(request, one) for one in rows],
        "may_propose": may_propose,
        "asked": asked or QuoteForm(),
        "form": form if may_propose else None,
        "problem": first_error(form) if form and not may_propose else "",
        "quote": shown_quote(quote) if quote else None,
        "key": KeyedForm(),
    }
    return render(request, "backoffice/portfolio/changes.html", context, status=status)


def _shown(request: HttpRequest, one: ChangeView) -> dict[str, Any]:
    me, is_waiting = f"user:{request.user.pk}", one.state == "waiting"
    is_mine = is_waiting and one.proposed_by == me
    way = next(
        name for name, way in WAYS.items() if way == (one.kind, one.is_end_moved, one.is_spread)
    )
    return {
        "it": one,
        "way": WAY_NAMES[way],
        "state": STATES[one.state],
        "quote": shown_quote(one.quote) if one.quote else None,
        "is_stuck": is_waiting and one.quote is None,
        "is_mine": is_mine,
        "is_to_decide": is_waiting and not is_mine and bool(roles_held(request) & set(DECIDERS)),
        "form": DecideForm(initial={"shown": one.quote.total.minor if one.quote else None}),
    }


def shown_quote(quote: ChangeQuote) -> dict[str, Any]:
    """Return both plans as components/schedule.html shows them, and what differs in sum."""
    return {
        "before": _rows(quote.before),
        "after": _rows(quote.after),
        "has_fees": any(row.fee for row in (*quote.before, *quote.after)),
        "more_interest": quote.more_interest,
        "next_due_on": quote.after[0].due_on,
        "next_due": quote.next_due,
        "ended_on": quote.before[-1].due_on,
        "ends_on": quote.after[-1].due_on,
    }


def _rows(rows: tuple[PlannedRow, ...]) -> list[dict[str, Any]]:
    return [
        {
            "no": row.no,
            "due": row.due_on,
            "payment": row.payment,
            "principal": row.principal,
            "interest": row.interest,
            "fee": row.fee,
            "balance": row.balance,
        }
        for row in rows
    ]
