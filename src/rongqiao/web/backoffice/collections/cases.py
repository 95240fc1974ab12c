"""One case, worked by keys alone: what may be done now, and what was done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.lending.servicing.operations.collecting.acting import BorrowerOnHold
from rongqiao.lending.servicing.operations.collecting.begin_contact import refusal_of
from rongqiao.lending.servicing.operations.collecting.end_contact import OUTCOMES_OF
from rongqiao.lending.servicing.operations.collecting.propose import ALONE_MOST
from rongqiao.lending.servicing.queries.collecting.cases import (
    CaseView,
    ContactView,
    ProposalView,
    get_case,
    phone_to_reach,
)
from rongqiao.platform import clock
from rongqiao.policies.contact import Attempt, Channel, Whom
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.collections import words
from rongqiao.web.backoffice.collections.forms import VERBS, DecideForm
from rongqiao.web.backoffice.collections.queue import shown_rows
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import KeyedForm, first_error
from rongqiao.web.frame.refusals import message_for

WORKERS = (Role.COLLECTOR, Role.OPERATOR, Role.COMPLIANCE_OFFICER)
# A first guess at the day of a promise; the collector writes what was said.
PROMISE_DAYS = 3
# Verbs whose form shows its own fields, and with them its own errors.
WITH_FIELDS = ("promise", "stop", "allow", "hand-over", "settle", "give")


@staff(*words.READERS)
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show one case with the verbs this member of staff has now."""
    return _page(request, case_id, {})


@staff(*WORKERS)
@require_POST
def act(request: HttpRequest, case_id: UUID, verb: str) -> HttpResponse:
    """Carry out one verb; what is wrong with it is said on the case's own page."""
    if verb not in VERBS:
        raise Http404
    kind, build, operation = VERBS[verb]
    form = kind(request.POST)
    if form.is_valid():
        command = build(case_id, form.cleaned_data)
        if form.attempt(lambda: operation(command, form.call(request))) is not None:
            messages.success(request, _("已办理。"))
            return redirect("collection-case", case_id)
    return _page(request, case_id, {verb: form}, status=422)


def _page(
    request: HttpRequest, case_id: UUID, failed: dict[str, KeyedForm], status: int = 200
) -> HttpResponse:
    at, on, me = clock.now(), clock.business_date(), UUID(str(request.user.pk))
    view = get_case(case_id, at, on)
    held = roles_held(request)
    open_to = _verbs(view, me, frozenset(held))
    first_guess = {
        "promise": {
            "amount": view.row.past_due,
            "due_on": on + timedelta(days=PROMISE_DAYS),
        },
        "settle": {"pays": view.row.past_due, "pay_by": on + timedelta(days=PROMISE_DAYS)},
    }
    forms = {}
    for verb in open_to:
        forms[verb] = failed.get(verb) or VERBS[verb][0](initial=first_guess.get(verb))
        forms[verb].auto_id = f"{verb}_%s"
    stopped = ""
    if view.obstacle is not None and view.row.state != "closed":
        attempt = Attempt(channel=Channel.CALL, whom=Whom.DEBTOR, at=at)
        stopped = message_for(refusal_of(view.obstacle, attempt))
    if view.is_held and view.row.state != "closed":
        stopped = message_for(BorrowerOnHold())
    error = next(
        (
            first_error(form)
            for verb, form in failed.items()
            if verb not in open_to or verb not in WITH_FIELDS
        ),
        "",
    )
    context = {
        "desk": True,
        "case": view,
        "shown": shown_rows([view.row], on)[0],
        "verbs": {verb.replace("-", "_"): form for verb, form in forms.items()},
        "failed": next(iter(failed), ""),
        "error": error if error != stopped else "",
        "stopped": stopped,
        "alone_most": ALONE_MOST,
        "phone": phone_to_reach(view, me),
        "outcomes": _outcomes(view, me),
        "under_way": _shown_contact(view.under_way) if view.under_way else None,
        "contacts": [_shown_contact(one) for one in view.contacts],
        "proposals": [_shown_proposal(one, me, frozenset(held)) for one in view.proposals],
        "is_collector": Role.COLLECTOR in held,
        "sees_loan": bool(held & {Role.OPERATOR, Role.AUDITOR}),
    }
    return render(request, "backoffice/collections/case.html", context, status=status)


def _verbs(view: CaseView, me: UUID, held: frozenset[Role]) -> list[str]:
    """Return the verbs open to this person now, so that the page offers nothing it refuses."""
    found: list[str] = []
    if view.stop and Role.COMPLIANCE_OFFICER in held and view.stop.noted_by != me:
        found.append("allow")
    if view.row.state == "closed":
        return found
    if not view.stop and held & {Role.COLLECTOR, Role.COMPLIANCE_OFFICER}:
        found.append("stop")
    is_mine = view.row.collector_id == me and Role.COLLECTOR in held
    if is_mine or Role.OPERATOR in held:
        found.append("give")
    if view.row.state == "open" and Role.COLLECTOR in held:
        found.append("take")
    return found + _own_verbs(view, me) if is_mine else found


def _own_verbs(view: CaseView, me: UUID) -> list[str]:
    """Return what the collector may do who has the case in hand."""
    found = _contact_verbs(view, me)
    if not any(_stands(one) for one in view.proposals):
        if not view.is_held:
            found.append("hand-over")
        if view.row.past_due.minor > 1:
            found.append("settle")
    return found


def _contact_verbs(view: CaseView, me: UUID) -> list[str]:
    if view.under_way is None:
        return ["begin"]
    if view.under_way.collector_id != me:
        return []
    is_talk = "promised" in OUTCOMES_OF[view.under_way.channel]
    return ["end"] + ["promise"] * is_talk


def _stands(one: ProposalView) -> bool:
    return one.state == "waiting" or (one.state == "approved" and one.kind == "settlement")


def _outcomes(view: CaseView, me: UUID) -> list[dict[str, Any]]:
    """Return the buttons of the contact under way, each with its key."""
    if view.under_way is None or view.under_way.collector_id != me:
        return []
    allowed = OUTCOMES_OF[view.under_way.channel]
    return [
        {"code": code, "name": words.OUTCOMES[code], "key": key}
        for code, key in words.KEYS.items()
        if code in allowed
    ]


def _shown_contact(one: ContactView) -> dict[str, Any]:
    return {
        "one": one,
        "channel": say(words.CHANNELS, one.channel),
        "outcome": say(words.OUTCOMES, one.outcome) if one.outcome else "",
        "who": words.who(one.collector_id),
        "promise": say(words.PROMISES, one.promise_state) if one.promise_state else "",
    }


def _shown_proposal(one: ProposalView, me: UUID, held: frozenset[Role]) -> dict[str, Any]:
    """Return a proposal with the words this person may say on it."""
    may_decide = bool(held & {Role.COLLECTOR, Role.OPERATOR}) and one.state == "waiting"
    allowed: list[tuple[str, str]] = []
    if may_decide and one.proposed_by == me:
        allowed = [("withdraw", _("撤回"))]
    elif may_decide:
        allowed = [("approve", _("批准")), ("decline", _("否决"))]
    return {
        "one": one,
        "kind": say(words.KINDS, one.kind),
        "state": say(words.PROPOSAL_STATES, one.state),
        "by": words.who(one.proposed_by),
        "decided_by": words.who(one.decided_by),
        "words": [
            (word, label, DecideForm(initial={"proposal": one.id})) for word, label in allowed
        ],
    }
