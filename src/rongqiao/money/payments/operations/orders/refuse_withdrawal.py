"""A finance officer refuses a large withdrawal: the held money can be spent again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import OrderKind
from rongqiao.money.payments.operations.orders.placing import cancel
from rongqiao.money.payments.operations.two_people import checked_reason, order_for_officer
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class RefuseWithdrawal:
    """Which one and why."""

    order_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class WithdrawalRefused:
    """The order that is over."""

    order_id: UUID


@operation("payments.refuse_withdrawal", restore=WithdrawalRefused)
def refuse_withdrawal(command: RefuseWithdrawal, call: Call) -> WithdrawalRefused:
    """Cancel the order and release its hold.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, NotOpen, ReasonNeeded, NotFound.
    """
    reason = checked_reason(command.reason)
    row = order_for_officer(command.order_id, (OrderKind.WITHDRAWAL,), call)
    cancel(row, reason, call)
    return WithdrawalRefused(order_id=row.pk)
