"""Every loan of the house, for staff: found by number, state or product, and read to the fen."""

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

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.servicing.operations.waiving.decide_waiver import DecideWaiver, decide_waiver
from rongqiao.lending.servicing.operations.waiving.deciding import DECIDERS, PROPOSERS
from rongqiao.lending.servicing.operations.waiving.propose_waiver import (
    ProposeWaiver,
    propose_waiver,
)
from rongqiao.lending.servicing.queries.amending.waivers import list_waivers, waivable_of
from rongqiao.lending.servicing.queries.loans import (
    count_loans,
    find_loans,
    get_loan,
    get_statement,
)
from rongqiao.parties.queries import get_parties, get_party
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.portfolio.rooms import READERS
from rongqiao.web.borrower import words
from rongqiao.web.borrower.loans import (
    owed_rows,
    payoff_facts,
    plan_chart,
    plan_rows,
    plan_totals,
    product_names,
    shown_card,
    versions_by_number,
)
from rongqiao.web.frame.access import looked_for, page_start, roles_held, staff
from rongqiao.web.frame.exports import MOST_ROWS, csv_of, too_long, wants_csv
from rongqiao.web.frame.forms import KeyedForm, MoneyField, first_error

PAGE = 50
NOTHING, MOST = Money.zero(), Money(LARGEST_MINOR)
WAIVER_STATE = {
    "waiting": gettext_lazy("待复核"),
    "approved": gettext_lazy("已减免"),
    "declined": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
}


class WaiverForm(KeyedForm):
    """How much of what is due to give up, and why."""

    penalty = MoneyField(least=NOTHING, most=MOST, label=gettext_lazy("减免罚息"))
    interest = MoneyField(least=NOTHING, most=MOST, label=gettext_lazy("减免利息"))
    fee = MoneyField(least=NOTHING, most=MOST, label=gettext_lazy("减免费用"))
    reason = forms.CharField(max_length=200, label=gettext_lazy("减免理由"))


@staff(*READERS)
def loan_list(request: HttpRequest) -> HttpResponse:
    """List loans, newest first; `state`, `product` and `q` narrow, `from` pages on."""
    given = request.GET
    offset = page_start(request)
    state = given.get("state", "")
    product, text = looked_for(request, "product"), looked_for(request)
    wanted: dict[str, Any] = {
        "state": state if state in words.LOAN else "",
        "product_code": product,
        "text": text,
    }
    if wants_csv(request):
        return too_long(request, count_loans(**wanted)) or _file(wanted)
    cards = find_loans(clock.business_date(), **wanted, offset=offset, limit=PAGE)
    versions, parties = versions_by_number(), get_parties(one.party_id for one in cards)
    context = {
        "desk": True,
        "rows": [{**shown_card(one, versions), "party": parties[one.party_id]} for one in cards],
        "state": state,
        "product": product,
        "q": text,
        "states": words.LOAN.items(),
        "products": product_names().items(),
        "older": offset + PAGE if len(cards) == PAGE else None,
        "newer": max(offset - PAGE, 0) if offset else None,
    }
    return render(request, "backoffice/loans.html", context)


@staff(*READERS)
def loan_page(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show one loan: who owes, what is owed, the plan, and each line with its journal."""
    return _loan_page(request, loan_id)


@require_POST
@staff(*PROPOSERS)
def propose(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Propose to give up charges that are due; another person decides."""
    form = WaiverForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        command = ProposeWaiver(
            loan_id=loan_id,
            interest=given["interest"],
            penalty=given["penalty"],
            fee=given["fee"],
            reason=given["reason"],
        )
        if form.attempt(lambda: propose_waiver(command, form.call(request))) is not None:
            messages.success(request, _("减免已提交，等待另一位复核。"))
            return redirect("desk-loan", loan_id)
    return _loan_page(request, loan_id, form)


@require_POST
@staff(*{*PROPOSERS, *DECIDERS})
def decide(request: HttpRequest, loan_id: UUID, waiver_id: UUID, word: str) -> HttpResponse:
    """Approve, decline or take back a waiver."""
    if word not in ("approve", "decline", "withdraw"):
        raise NotFound
    form = KeyedForm(request.POST)
    command = DecideWaiver(waiver_id=waiver_id, word=word)
    if form.is_valid():
        done = form.attempt(lambda: decide_waiver(command, form.call(request)))
        if done is not None:
            messages.success(request, _("已办理。"))
            return redirect("desk-loan", loan_id)
    messages.error(request, first_error(form))
    return redirect("desk-loan", loan_id)


def _loan_page(request: HttpRequest, loan_id: UUID, form: WaiverForm | None = None) -> HttpResponse:
    detail = get_loan(loan_id, clock.business_date())
    lines = get_statement(loan_id)[::-1]
    context = {
        "desk": True,
        **shown_card(detail.card, versions_by_number()),
        "detail": detail,
        "party": get_party(detail.card.party_id),
        "owed": owed_rows(detail.card.owed_now),
        "outstanding": owed_rows(detail.card.outstanding),
        "plan": plan_rows(detail.rows),
        "totals": plan_totals(detail.rows),
        **payoff_facts(detail),
        "chart": plan_chart(detail),
        "has_fees": any(row.scheduled.fee for row in detail.rows),
        "sees_books": bool(roles_held(request) & {Role.FINANCE, Role.AUDITOR}),
        "lines": [{"line": one, "kind": words.say(words.ENTRY, one.kind)} for one in lines],
        **_waivers(request, loan_id, form),
    }
    status = 422 if form is not None else 200
    return render(request, "backoffice/loan.html", context, status=status)


def _waivers(request: HttpRequest, loan_id: UUID, form: WaiverForm | None) -> dict[str, Any]:
    """Return the loan's waivers and, for who may propose one, the form."""
    waivers, due, held = list_waivers(loan_id), waivable_of(loan_id), roles_held(request)
    me = f"user:{request.user.pk}"
    waits = any(one.state == "waiting" for one in waivers)
    may_propose = bool(held & set(PROPOSERS)) and bool(due.total) and not waits
    return {
        "waivers": [
            {
                "it": one,
                "state": WAIVER_STATE[one.state],
                "is_mine": one.state == "waiting" and one.proposed_by == me,
                "is_to_decide": one.state == "waiting"
                and one.proposed_by != me
                and bool(held & set(DECIDERS)),
            }
            for one in waivers
        ],
        "waiver_key": KeyedForm(),
        "waiver_form": form
        or (
            WaiverForm(initial={"penalty": due.penalty, "interest": NOTHING, "fee": NOTHING})
            if may_propose
            else None
        ),
        "waivable": due,
    }


def _file(wanted: dict[str, Any]) -> HttpResponse:
    """Return every loan that fits, whatever page was on screen."""
    names = product_names()
    heads = (_("借款编号"), _("产品"), _("状态"), _("放款日"), _("本金余额"), _("逾期天数"))
    rows = (
        (
            one.number,
            names.get(one.product_code, one.product_code),
            words.say(words.LOAN, one.state),
            one.disbursed_on,
            one.outstanding.principal,
            one.days_past_due,
        )
        for one in find_loans(clock.business_date(), **wanted, limit=MOST_ROWS)
    )
    return csv_of("loans", heads, rows)
