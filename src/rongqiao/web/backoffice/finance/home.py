"""The console's first page: the pool and whose it is, what waits, what differs, the month."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.chart_of_accounts import list_mappings
from rongqiao.money.ledger.queries.manual import count_manual_journals
from rongqiao.money.ledger.queries.periods import (
    closed_through,
    count_periods_proposed,
    list_periods,
)
from rongqiao.money.payments.queries import wallets as payments
from rongqiao.money.payments.queries.custody import (
    CashPosition,
    DayOfCash,
    cash_by_day,
    cash_position,
)
from rongqiao.money.payments.queries.order_counts import orders_by_state
from rongqiao.money.payments.queries.orders import count_waiting_for_approval
from rongqiao.money.payments.queries.reconciling import (
    BreakFilters,
    aged_suspense,
    breaks_by_kind,
    count_breaks,
)
from rongqiao.money.payments.queries.repair import count_half_known
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.bank.words import (
    BREAK_KINDS,
    ORDER_STATES,
    ORDER_TONES,
)
from rongqiao.web.backoffice.finance.books.periods import STATES as MONTHS
from rongqiao.web.backoffice.finance.books.periods import TONES as MONTH_TONES
from rongqiao.web.backoffice.finance.rooms import MONEY, READERS, room
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Chart, Series, lines, stacked_bars

DAYS_SHOWN = 60
MONTHS_SHOWN = 3


@staff(*READERS)
def home(request: HttpRequest) -> HttpResponse:
    """Show the state of the money as a whole, each part with its door."""
    today = clock.business_date()
    position = cash_position()
    days = cash_by_day(today - timedelta(days=DAYS_SHOWN), today)
    owners = _owners(position)
    table = Table(
        name="cash-position",
        title=_("资金头寸"),
        facts=((_("日期"), today),),
        heads=(_("项目"), _("金额")),
        rows=lambda: [(_("存管资金"), position.cash), *((o["name"], o["amount"]) for o in owners)],
    )
    if file := download(request, table):
        return file
    months = list_periods(today)[:MONTHS_SHOWN]
    kinds = breaks_by_kind()
    context = room(
        request,
        MONEY,
        "finance",
        today=today,
        position=position,
        owners=owners,
        client_money=position.wallets + position.suspense + position.reserve + position.operator,
        chart=_pool_chart(position, owners),
        days=days,
        day_chart=_day_chart(days) if days else None,
        waiting=waiting_for_a_second(),
        orders=_orders(),
        breaks=[
            {"one": one, "kind": say(BREAK_KINDS, one.kind), "code": one.kind} for one in kinds
        ],
        open_breaks=sum(one.count for one in kinds),
        suspense=aged_suspense(today),
        stuck=count_half_known(clock.now(), today),
        closed_through=closed_through(),
        months=[
            {
                "month": f"{one.month:%Y-%m}",
                "state": say(MONTHS, one.state),
                "tone": MONTH_TONES.get(one.state, "ghost"),
            }
            for one in months
        ],
    )
    return render(request, "backoffice/finance/home.html", context)


def _owners(position: CashPosition) -> list[dict[str, Any]]:
    """Return whose money the pool is, largest first as a rule: customers', ours, set aside."""
    return [
        {"name": _("客户账户"), "amount": position.wallets},
        {"name": _("平台自有资金"), "amount": position.operator},
        {"name": _("待查款项"), "amount": position.suspense},
        {"name": _("风险备付金"), "amount": position.reserve},
    ]


def _pool_chart(position: CashPosition, owners: list[dict[str, Any]]) -> Chart:
    """Return the pool beside whose it is: two bars of one height, where law 8 holds."""
    cash = Series(_("存管资金"), [max(position.cash.minor, 0), 0])
    parts = [Series(one["name"], [0, max(one["amount"].minor, 0)]) for one in owners]
    return stacked_bars(
        "pool-chart",
        _("存管户里的钱与它属于谁"),
        [_("存管户里"), _("属于")],
        # The pool takes the first colour, its owners the ones after it.
        [cash, *parts],
    )


def _day_chart(days: tuple[DayOfCash, ...]) -> Chart:
    return lines(
        "cash-days-chart",
        _("每日存管资金"),
        [one.day.isoformat() for one in days],
        [
            Series(_("银行余额"), [one.closing.minor for one in days]),
            Series(_("账面存管资金"), [one.books.minor for one in days]),
        ],
    )


def waiting_for_a_second() -> list[dict[str, Any]]:
    """Return what waits for a second person, each with its door."""
    proposed = BreakFilters(states=("proposed",))
    found = [
        (_("支付指令待批准"), count_waiting_for_approval(), "orders-desk", {"state": "waiting"}),
        (_("来款待确认"), payments.count_receipts(), "money-desk", {}),
        (_("自有资金待确认"), payments.count_capital(), "money-desk", {}),
        (_("差错待复核"), count_breaks(proposed), "breaks", {"state": "proposed"}),
        (
            _("手工分录待复核"),
            count_manual_journals("waiting"),
            "manual-journals",
            {"state": "waiting"},
        ),
        (_("结账待确认"), count_periods_proposed(), "periods", {}),
        (
            _("科目代码待确认"),
            len(list_mappings(state="proposed")),
            "chart-of-accounts",
            {},
        ),
    ]
    return [
        {"label": label, "count": count, "address": reverse(door) + _query(query)}
        for label, count, door, query in found
    ]


def _orders() -> list[dict[str, Any]]:
    counts = {one.state: one for one in orders_by_state()}
    return [
        {
            "code": state,
            "name": say(ORDER_STATES, state),
            "tone": ORDER_TONES.get(state, "ghost"),
            "count": counts[state].count if state in counts else 0,
            "amount": counts[state].amount if state in counts else Money.zero(),
        }
        for state in ORDER_STATES
        if state != "returned"
    ]


def _query(query: dict[str, str]) -> str:
    return f"?{urlencode(query)}" if query else ""
