"""A second finance officer rejects a receipt that is wrong; nothing was booked."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.movements import Receipt, State
from rongqiao.money.payments.operations.two_people import checked_reason, decide, open_for_second
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class RejectReceipt:
    """Which one and why."""

    receipt_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReceiptRejected:
    """The receipt that is over."""

    receipt_id: UUID


@operation("payments.reject_receipt", restore=ReceiptRejected)
def reject_receipt(command: RejectReceipt, call: Call) -> ReceiptRejected:
    """Reject a receipt.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, NotOpen, ReasonNeeded, NotFound.
    """
    row = Receipt.objects.select_for_update().filter(pk=command.receipt_id).first()
    if row is None:
        raise NotFound(what="receipt")
    open_for_second(row, call)
    decide(row, State.REJECTED, call, checked_reason(command.reason))
    return ReceiptRejected(receipt_id=row.pk)
