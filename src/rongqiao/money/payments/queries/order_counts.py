"""How many orders stand in each state, and what they amount to."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.orders import PaymentOrder


@dataclass(frozen=True, kw_only=True)
class StateCount:
    """One state's orders."""

    state: str
    count: int
    amount: Money


def orders_by_state() -> tuple[StateCount, ...]:
    """Return count and sum of the orders in each state that any order is in."""
    rows = (
        PaymentOrder.objects.order_by("state")
        .values("state")
        .annotate(count=Count("id"), minor=Sum("amount_minor"))
    )
    return tuple(
        StateCount(state=row["state"], count=row["count"], amount=Money(int(row["minor"])))
        for row in rows
    )
