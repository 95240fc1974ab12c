"""A finance officer lets a large withdrawal go to the bank."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import OrderKind
from rongqiao.money.payments.operations.orders.placing import send_soon
from rongqiao.money.payments.operations.two_people import order_for_officer
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ApproveWithdrawal:
    """Which one."""

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class WithdrawalApproved:
    """The order, on its way to the payee it was made for."""

    order_id: UUID
    number: str


@operation("payments.approve_withdrawal", restore=WithdrawalApproved)
def approve_withdrawal(command: ApproveWithdrawal, call: Call) -> WithdrawalApproved:
    """Approve the order as it stands and have it sent.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, NotOpen, NotFound.
    """
    row = order_for_officer(command.order_id, (OrderKind.WITHDRAWAL,), call)
    row.approved_by, row.approved_at = call.actor, call.at
    row.save(update_fields=["approved_by", "approved_at"])
    send_soon(row, call)
    return WithdrawalApproved(order_id=row.pk, number=row.number)
