"""Applications on their way: the list, one application's tracker, its offer, its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.lending.origination.operations.applying.withdraw_application import (
    WithdrawApplication,
    withdraw_application,
)
from rongqiao.lending.origination.operations.signing.accept_offer import AcceptOffer, accept_offer
from rongqiao.lending.origination.queries.applications import (
    ApplicationRow,
    ApplicationView,
    MilestoneView,
    get_application,
    list_applications,
)
from rongqiao.lending.products.queries import LoanCost, cost_of
from rongqiao.lending.servicing.queries.loans import loan_of_agreement
from rongqiao.platform import clock
from rongqiao.web.borrower import words
from rongqiao.web.borrower.signing import open_sheet
from rongqiao.web.frame.access import acting, hold_to_owner, party_of
from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm
from rongqiao.web.frame.reasons import shown_name, tell
from rongqiao.web.templatetags.figures import moment

STAGES = (
    (gettext_lazy("填写申请"), ("draft", "returned")),
    (gettext_lazy("审核"), ("submitted", "screening", "referred", "recommended")),
    (gettext_lazy("确认方案"), ("approved", "countered")),
    (gettext_lazy("阅读成本明示表并签约"), ("accepted",)),
    (gettext_lazy("放款"), ("signed",)),
)
_STAGE_OF = {state: at for at, (_label, states) in enumerate(STAGES) for state in states}
_STAGE_OF["funded"] = len(STAGES)
# While one of these lasts, somebody else acts: the page asks again by itself.
WAITING = ("submitted", "screening", "referred", "recommended", "signed")
OFFERED = ("approved", "countered", "accepted")
# Once signed, the money follows within moments: nothing is offered that is gone when clicked.
WITHDRAWABLE = (
    *("draft", "returned", "submitted", "screening", "referred", "recommended"),
    *OFFERED,
)


@acting
def applications(request: HttpRequest) -> HttpResponse:
    """List the party's applications, newest first."""
    rows = list_applications([party_of(request).id])
    if wants_csv(request):
        return _csv(rows)
    content = {"rows": [shown_row(row) for row in rows]}
    return render(request, "borrower/apply/list.html", content)


@acting
def application(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Show where an application stands and what its borrower can do now."""
    view = own_application(request, application_id)
    return render(request, "borrower/apply/application.html", _page(view))


@acting
def tracker_part(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Answer the page that waits: the tracker as it is now; `X-Final` says it need not ask again.

    The part holds no form, so that it stays the same text until something happens; then it leads
    to the page anew, where what can be done stands.
    """
    view = own_application(request, application_id)
    content = {**_progress(view), "is_part": True}
    response = render(request, "borrower/apply/tracker.html", content)
    response["Cache-Control"] = "no-store"
    if view.row.state not in WAITING:
        response["X-Final"] = "1"
    return response


@require_POST
@acting
def accept(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Take the offer, or the counter-offer, and go on to its cost sheet."""
    view = own_application(request, application_id)
    form = KeyedForm(request.POST)
    if form.is_valid():
        command = AcceptOffer(application_id=application_id)
        taken = form.attempt(lambda: accept_offer(command, form.call(request)))
        if taken is not None:
            return open_sheet(request, form, application_id=application_id)
    return render(request, "borrower/apply/application.html", _page(view, form), status=422)


@acting
def withdraw(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Ask once more, then take the application back."""
    view = own_application(request, application_id)
    form = KeyedForm(request.POST or None)
    if request.method != "POST" and view.row.state not in WITHDRAWABLE:
        messages.error(request, _not_withdrawable(view.row.state))
        return redirect("application", application_id)
    if request.method == "POST" and form.is_valid():
        command = WithdrawApplication(application_id=application_id)
        gone = form.attempt(lambda: withdraw_application(command, form.call(request)))
        if gone is not None:
            messages.success(request, _("申请 %(no)s 已撤回。") % {"no": view.row.number})
            return redirect("application", application_id)
    content = {"view": view, "form": form, "product": words.product_name(view.row.product.terms)}
    status = 422 if form.errors else 200
    return render(request, "borrower/apply/withdraw.html", content, status=status)


def _not_withdrawable(state: str) -> str:
    if state == "signed":
        return _("合同已签署，正在放款，不能撤回。")
    if state == "funded":
        return _("款项已经发放或额度已经生效，不能撤回；如需结束请还清。")
    return _("这笔申请已经结束，不需要撤回。")


def own_application(request: HttpRequest, application_id: UUID) -> ApplicationView:
    """Return an application of the acting party; raises as `hold_to_owner` does."""
    view = get_application(application_id, UUID(str(request.user.pk)))
    hold_to_owner(request, view.row.party_id, "application")
    return view


def shown_row(row: ApplicationRow) -> dict[str, Any]:
    """Return an application as lists show it."""
    return {
        "row": row,
        "product": words.product_name(row.product.terms),
        "state": words.say(words.APPLICATION, row.state),
        "tone": words.APPLICATION_TONE.get(row.state, "ghost"),
        "is_editable": row.state in ("draft", "returned"),
    }


def tracker_steps(view: ApplicationView) -> list[dict[str, Any]]:
    """Return the steps of components/tracker.html for an application."""
    passed = [(_STAGE_OF[one.state], one) for one in view.milestones if one.state in _STAGE_OF]
    here = passed[-1][0] if passed else 0
    is_stopped = view.row.state in ("declined", "withdrawn", "expired")
    steps = []
    for at, (label, _states) in enumerate(STAGES):
        state, when = "todo", ""
        if at < here:
            state, when = "done", _left_at(at, passed)
        elif at == here:
            state = "stop" if is_stopped else "now"
            reached = view.milestones[-1].at
            when = f"{words.say(words.APPLICATION, view.row.state)} · {moment(reached)}"
        steps.append({"label": label, "state": state, "when": when})
    if view.row.product.terms.is_revolving:
        steps[-1]["label"] = _("额度生效")
    return steps


def _left_at(stage: int, passed: list[tuple[int, MilestoneView]]) -> str:
    last = max(i for i, (at, _one) in enumerate(passed) if at <= stage)
    return moment(passed[last + 1][1].at)


def _progress(view: ApplicationView) -> dict[str, Any]:
    agreement_id = view.row.agreement_id
    is_lent = view.row.state == "funded" and agreement_id is not None
    return {
        **shown_row(view.row),
        "view": view,
        "steps": tracker_steps(view),
        "is_waiting": view.row.state in WAITING,
        "loan_id": loan_of_agreement(agreement_id) if is_lent and agreement_id else None,
    }


def _page(view: ApplicationView, form: KeyedForm | None = None) -> dict[str, Any]:
    state = view.row.state
    cost = _cost(view) if state in OFFERED else None
    return {
        **_progress(view),
        "form": form or KeyedForm(),
        "reasons": tell((one.code, one.facts) for one in view.reasons),
        "cost": cost,
        "cost_total": cost.totals.interest + cost.totals.fee if cost else None,
        "is_withdrawable": state in WITHDRAWABLE,
        "answers": answers_of(view),
        "documents": documents_of(view),
        "asked": [
            {"label": shown_name(slot.kind), "document": slot.document}
            for slot in (view.asked.slots if view.asked else ())
        ],
        "is_asked": view.review_request is not None and not view.review_request.answer,
    }


def documents_of(view: ApplicationView) -> list[dict[str, Any]]:
    """Return every kind of document asked for, with its name and what is there."""
    return [
        {"kind": slot.kind, "label": shown_name(slot.kind), "document": slot.document}
        for slot in view.documents
    ]


def answers_of(view: ApplicationView) -> list[dict[str, Any]]:
    """Return what was filled in, step by step, in words."""
    return [
        {
            "name": step.name,
            "label": words.say(words.STEP, step.name),
            "is_complete": step.is_complete,
            "fields": [words.answer(one, view.row.product.terms) for one in step.fields],
        }
        for step in view.steps
    ]


def _cost(view: ApplicationView) -> LoanCost | None:
    offer = view.row.offer
    if offer is None:
        return None
    return cost_of(
        view.row.product.terms,
        amount=offer.amount,
        rate_annual=offer.rate_annual,
        term_count=offer.term_count,
        start=clock.business_date(),
    )


def _csv(rows: tuple[ApplicationRow, ...]) -> HttpResponse:
    heads = (_("申请编号"), _("产品"), _("状态"), _("申请金额"), _("期数"), _("提交时间"))
    lines = []
    for row in rows:
        shown = shown_row(row)
        lines.append(
            (
                row.number,
                shown["product"],
                shown["state"],
                row.amount,
                row.term_count,
                moment(row.submitted_at) if row.submitted_at else "",
            )
        )
    return csv_of("applications", heads, lines)
