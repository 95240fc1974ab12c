"""A second finance officer refuses a transfer of own money: what was set aside is put back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import TRANSFERS
from rongqiao.money.payments.operations.orders.placing import cancel
from rongqiao.money.payments.operations.two_people import checked_reason, order_for_officer
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class RefuseTransfer:
    """Which one and why."""

    order_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class TransferRefused:
    """The order that is over."""

    order_id: UUID


@operation("payments.refuse_transfer", restore=TransferRefused)
def refuse_transfer(command: RefuseTransfer, call: Call) -> TransferRefused:
    """Cancel the order; own money that was to leave can be lent again.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, NotOpen, ReasonNeeded, NotFound.
    """
    reason = checked_reason(command.reason)
    row = order_for_officer(command.order_id, TRANSFERS, call)
    cancel(row, reason, call)
    return TransferRefused(order_id=row.pk)
