"""A second finance officer lets a transfer of own money go to the bank."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import TRANSFERS
from rongqiao.money.payments.operations.orders.placing import send_soon
from rongqiao.money.payments.operations.two_people import order_for_officer
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ApproveTransfer:
    """Which one."""

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class TransferApproved:
    """The order, on its way to the bank."""

    order_id: UUID
    number: str


@operation("payments.approve_transfer", restore=TransferApproved)
def approve_transfer(command: ApproveTransfer, call: Call) -> TransferApproved:
    """Approve the order as it stands and have it sent.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, NotOpen, NotFound.
    """
    row = order_for_officer(command.order_id, TRANSFERS, call)
    row.approved_by, row.approved_at = call.actor, call.at
    row.save(update_fields=["approved_by", "approved_at"])
    send_soon(row, call)
    return TransferApproved(order_id=row.pk, number=row.number)
