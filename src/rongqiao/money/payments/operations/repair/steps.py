"""What every step of the repair desk asks of whoever takes it, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import PaymentOrder
from rongqiao.money.payments.operations.two_people import (
    NotOpen,
    checked_reason,
    officer_acting,
    refuse_own_affair,
)
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound

# The names of jobs that the steps put in the queue (payments.jobs registers them).
CLOSE = "payments.close_order"
FETCH = "payments.fetch_statement"


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """What the step was about, by the number people know it by; the queue does the rest."""

    number: str


def officer_with_reason(reason: str, call: Call) -> UUID:
    """Return the acting finance officer. Raises FinanceOfficerNeeded, ReasonNeeded."""
    officer = officer_acting(call)
    checked_reason(reason)
    return officer


def order_in_state(order_id: UUID, states: tuple[str, ...], officer: UUID) -> PaymentOrder:
    """Return an order in one of `states`, not of the officer's own. Raises OwnAffair, NotOpen."""
    row = PaymentOrder.objects.select_for_update().filter(pk=order_id).first()
    if row is None:
        raise NotFound(what="order")
    if row.party_id is not None:
        refuse_own_affair(officer, row.party_id)
    if row.state not in states:
        raise NotOpen(state=row.state)
    return row
