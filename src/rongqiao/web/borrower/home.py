"""The borrower's first page: where things stand, what comes next; and whom one acts for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.applications import (
    ApplicationRow,
    get_application,
    list_applications,
)
from rongqiao.lending.origination.queries.limits import LimitView, list_limits
from rongqiao.lending.servicing.queries.loans import LoanCard, get_loan, list_loans
from rongqiao.parties.queries import PartyView
from rongqiao.parties.queries.owners import standing_of
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.borrower.applying.tracker import WAITING, shown_row, tracker_steps
from rongqiao.web.borrower.loans import (
    Versions,
    agreements_of,
    cost_of_loan,
    plan_chart,
    plan_rows,
    shown_card,
    versions_by_number,
)
from rongqiao.web.frame.access import acting, choose_party, parties_of, party_of, safe_next
from rongqiao.web.templatetags.figures import money, whole

UNDER_WAY = (*WAITING, "draft", "returned", "approved", "countered", "accepted")
LIVE = ("active", "overdue", "restructured")


@dataclass(frozen=True)
class Action:
    """One thing to do next: what, why, and where; `tone` as badges have it."""

    text: str
    label: str
    address: str
    tone: str = "info"


@acting
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the party's loans, limits and applications at a glance."""
    party, on = party_of(request), clock.business_date()
    cards = list_loans(party.id, on)
    live = [card for card in cards if card.state in LIVE]
    applications = list_applications([party.id])
    under_way = [row for row in applications if row.state in UNDER_WAY]
    limits = [limit for limit in list_limits([party.id]) if limit.valid_until >= on]
    versions = versions_by_number()
    asked = _asked_of_firm(party, on)
    content = {
        "party": party,
        "on": on,
        "rows": [shown_card(card, versions) for card in live],
        "tiles": _tiles(live, limits),
        "limits": limits,
        "actions": [*_actions(live, under_way, limits), *asked],
        "asked": asked,
        "applications": [shown_row(row) for row in under_way[:5]],
        "is_new": not cards and not applications,
        "others": [one for one in parties_of(request) if one.id != party.id],
        **_focus(request, live, versions, on),
        **_tracker(request, under_way),
    }
    return render(request, "borrower/home/dashboard.html", content)


@require_POST
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Act for another party from now on."""
    try:
        party_id = UUID(request.POST.get("party", ""))
    except ValueError:
        raise NotFound from None
    choose_party(request, party_id)
    name = next(one.name for one in parties_of(request) if one.id == party_id)
    messages.info(request, _("现在代表 %(name)s 办理。") % {"name": name})
    return redirect(safe_next(request, reverse("dashboard")))


def _tiles(live: list[LoanCard], limits: list[LimitView]) -> dict[str, Any]:
    """Return the sums over every open loan and limit."""
    coming = sorted(
        (card.next_due_on, card.next_due) for card in live if card.next_due_on is not None
    )
    next_on = coming[0][0] if coming else None
    return {
        "principal": _sum(card.outstanding.principal for card in live),
        "lent": _sum(card.principal for card in live),
        "owed_now": _sum(card.owed_now.total for card in live),
        "next_on": next_on,
        "next_due": _sum(due for due_on, due in coming if due_on == next_on),
        "available": _sum(limit.available for limit in limits),
        "granted": _sum(limit.amount for limit in limits),
        "limit_until": min((limit.valid_until for limit in limits), default=None),
    }


def _sum(amounts: Any) -> Money:
    return Money(sum(amount.minor for amount in amounts))


def _focus(
    request: HttpRequest, live: list[LoanCard], versions: Versions, on: date
) -> dict[str, Any]:
    """Return the loan in the chart: the one asked for, else the first open one."""
    if not live:
        return {"focus": None}
    asked = request.GET.get("loan", "")
    card = next((one for one in live if str(one.id) == asked), live[0])
    detail = get_loan(card.id, on, card.party_id)
    agreement = agreements_of(card.party_id).get(card.agreement_id)
    return {
        "focus": shown_card(card, versions),
        "chart": plan_chart(detail),
        "plan": plan_rows(detail.rows),
        "has_fees": any(row.scheduled.fee for row in detail.rows),
        "cost": cost_of_loan(card, agreement, versions),
    }


def _tracker(request: HttpRequest, under_way: list[ApplicationRow]) -> dict[str, Any]:
    if not under_way:
        return {"application": None}
    view = get_application(under_way[0].id, UUID(str(request.user.pk)))
    return {"application": shown_row(view.row), "steps": tracker_steps(view)}


def _actions(
    live: list[LoanCard], under_way: list[ApplicationRow], limits: list[LimitView]
) -> list[Action]:
    """Return what to do next, the most pressing first."""
    found = [_payment(card) for card in live if card.owed_now.total]
    found += [one for row in under_way if (one := _step(row)) is not None]
    found += [
        Action(
            _("可用额度 %(amount)s 元，随借随还。") % {"amount": whole(limit.available)},
            _("去提款"),
            reverse("limit", args=[limit.id]),
        )
        for limit in limits
        if limit.available
    ]
    return found


def _asked_of_firm(party: PartyView, on: date) -> list[Action]:
    """Return what a firm is asked for once, and then each year: who owns or controls it."""
    said = {
        "missing": _("企业还没有申报受益所有人。"),
        "stale": _("受益所有人信息已满一年，请重新确认。"),
    }
    standing = {} if party.is_person else standing_of([party.id], on)
    return [
        Action(said[state], _("去申报"), reverse("owners"), "warning")
        for state in standing.values()
        if state in said
    ]


def _payment(card: LoanCard) -> Action:
    facts = {"no": card.number, "amount": money(card.owed_now.total), "days": card.days_past_due}
    if card.days_past_due:
        text = _("借款 %(no)s 已逾期 %(days)s 天，应还 %(amount)s 元。") % facts
        return Action(text, _("立即还款"), reverse("repay", args=[card.id]), "error")
    text = _("借款 %(no)s 今天应还 %(amount)s 元。") % facts
    return Action(text, _("立即还款"), reverse("repay", args=[card.id]), "warning")


def _step(row: ApplicationRow) -> Action | None:
    """Return what an application under way asks of its borrower; None while others act."""
    said = {
        "draft": (_("申请 %(no)s 还没有填完。"), _("继续填写"), "info"),
        "returned": (_("申请 %(no)s 需要补充材料。"), _("去补充"), "warning"),
        "approved": (_("申请 %(no)s 已通过，请确认方案。"), _("查看方案"), "success"),
        "countered": (_("申请 %(no)s 有新的建议方案。"), _("查看方案"), "warning"),
        "accepted": (_("申请 %(no)s 等待您阅读成本明示表并签约。"), _("去签约"), "success"),
    }.get(row.state)
    if said is None:
        return None
    text, label, tone = said
    return Action(text % {"no": row.number}, label, reverse("application", args=[row.id]), tone)
