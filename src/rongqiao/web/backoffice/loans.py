"""Every loan of the house, for staff: found by number, state or product, and read to the fen."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.lending.servicing.queries.loans import (
    count_loans,
    find_loans,
    get_loan,
    get_statement,
)
from rongqiao.parties.queries import get_parties, get_party
from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.portfolio.rooms import READERS
from rongqiao.web.borrower import words
from rongqiao.web.borrower.loans import (
    owed_rows,
    payoff_facts,
    plan_chart,
    plan_rows,
    plan_totals,
    shown_card,
    versions_by_number,
)
from rongqiao.web.frame.access import looked_for, roles_held, staff
from rongqiao.web.frame.exports import MOST_ROWS, csv_of, too_long, wants_csv

PAGE = 50


@staff(*READERS)
def loan_list(request: HttpRequest) -> HttpResponse:
    """List loans, newest first; `state`, `product` and `q` narrow, `from` pages on."""
    given = request.GET
    start = given.get("from", "")
    offset = min(int(start), 10**6) if start.isdecimal() else 0
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
        "products": sorted({code for code, _number in versions}),
        "older": offset + PAGE if len(cards) == PAGE else None,
        "newer": max(offset - PAGE, 0) if offset else None,
    }
    return render(request, "backoffice/loans.html", context)


@staff(*READERS)
def loan_page(request: HttpRequest, loan_id: UUID) -> HttpResponse:
    """Show one loan: who owes, what is owed, the plan, and each line with its journal."""
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
    }
    return render(request, "backoffice/loan.html", context)


def _file(wanted: dict[str, Any]) -> HttpResponse:
    """Return every loan that fits, whatever page was on screen."""
    heads = (_("借款编号"), _("产品"), _("状态"), _("放款日"), _("本金余额"), _("逾期天数"))
    rows = (
        (
            one.number,
            one.product_code,
            words.say(words.LOAN, one.state),
            one.disbursed_on,
            one.outstanding.principal,
            one.days_past_due,
        )
        for one in find_loans(clock.business_date(), **wanted, limit=MOST_ROWS)
    )
    return csv_of("loans", heads, rows)
