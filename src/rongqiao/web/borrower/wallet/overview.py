"""The wallet at a glance: what can be spent, what is held and why, what is on its way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.statements import DayBalance, Wanted
from rongqiao.money.payments.queries.cards import bound_cards_of
from rongqiao.money.payments.queries.orders import OrderFilters, OrderView, list_orders
from rongqiao.money.payments.queries.statements import wallet_days, wallet_holds, wallet_lines
from rongqiao.money.payments.queries.wallets import list_receipts_of, wallet_of
from rongqiao.platform import clock
from rongqiao.web.borrower import words as borrower_words
from rongqiao.web.borrower.wallet import words
from rongqiao.web.borrower.wallet.statement import account_code, shown_line
from rongqiao.web.frame.access import acting, party_of
from rongqiao.web.frame.charts import Chart, Series, lines

ON_ITS_WAY = ("created", "sent", "unknown")
ENDED = ("succeeded", "failed", "cancelled")
LATEST, DAYS, RECENT = 6, 90, 5


@acting
def wallet(request: HttpRequest) -> HttpResponse:
    """Show the money, its last movements, the cards, and how to bring money in and out."""
    party = party_of(request)
    today = clock.business_date()
    days = wallet_days(party.id, today - timedelta(days=DAYS - 1))
    recent = list_orders(OrderFilters(party_id=party.id, states=ENDED), limit=RECENT)
    content = {
        **_standing(party.id),
        "chart": _chart(days, today),
        "days": days[::-1],
        "lines": [shown_line(line) for line in wallet_lines(party.id, Wanted(), limit=LATEST)],
        "recent": [shown_order(one) for one in recent],
        "cards": _counted(bound_cards_of(party.id)),
        "receipts": [_shown_receipt(one) for one in list_receipts_of(party.id)[:RECENT]],
        "party_code": account_code(party),
    }
    return render(request, "borrower/wallet/wallet.html", content)


@acting
def standing_part(request: HttpRequest) -> HttpResponse:
    """Answer the page that waits; `X-Final` says that nothing is on its way any more."""
    content = _standing(party_of(request).id)
    response = render(request, "borrower/wallet/parts/standing.html", content)
    if not content["on_its_way"]:
        response["X-Final"] = "1"
    return response


def shown_order(order: OrderView) -> dict[str, Any]:
    """Return an order as lists show it."""
    state, tone = words.order_state(order)
    return {
        "order": order,
        "kind": words.ORDER.get(order.kind, order.kind),
        "state": state,
        "tone": tone,
        "reason": words.reason_text(order.reason) if order.reason else "",
    }


def _standing(party_id: UUID) -> dict[str, Any]:
    """Return the balances, what is held for which order, and the orders on their way."""
    under_way = list_orders(OrderFilters(party_id=party_id, states=ON_ITS_WAY))
    by_number = {order.number: order for order in under_way}
    coming = [one for one in under_way if one.is_money_in]
    going = [one for one in under_way if not one.is_money_in]
    return {
        "wallet": wallet_of(party_id),
        "holds": [
            {"hold": hold, "order": by_number.get(hold.document)} for hold in wallet_holds(party_id)
        ],
        "on_its_way": [shown_order(one) for one in under_way],
        "coming": _sum(coming),
        "going": _sum(going),
        # Who waits for an officer need not ask every other second.
        "every": 2 if any(not one.waits_for_approval for one in under_way) else 20,
    }


def _sum(orders: Iterable[OrderView]) -> Money:
    return Money(sum(order.amount.minor for order in orders))


def _counted(cards: Sequence[Any]) -> dict[str, int]:
    return {
        "all": len(cards),
        "bound": sum(card.state == "bound" for card in cards),
        "pending": sum(card.state == "pending" for card in cards),
        "refused": sum(card.state == "refused" for card in cards),
    }


def _shown_receipt(one: Any) -> dict[str, Any]:
    return {
        "movement": one,
        "state": borrower_words.say(borrower_words.MOVEMENT, one.state),
        "tone": borrower_words.MOVEMENT_TONE.get(one.state, "ghost"),
    }


def _chart(days: Sequence[DayBalance], today: date) -> Chart | None:
    """Return the balance at the end of each of the last days; None where nothing ever moved."""
    if not days:
        return None
    ends = {one.on: one.balance.minor for one in days}
    first = today - timedelta(days=DAYS - 1)
    standing = ends.get(first - timedelta(days=1), 0)
    labels, figures = [], []
    for number in range(DAYS):
        on = first + timedelta(days=number)
        standing = ends.get(on, standing)
        labels.append(on.strftime("%m-%d"))
        figures.append(standing)
    said = _("近 %(days)s 天每日账户余额") % {"days": DAYS}
    return lines("balance-chart", said, labels, [Series(_("账户余额"), figures)])
