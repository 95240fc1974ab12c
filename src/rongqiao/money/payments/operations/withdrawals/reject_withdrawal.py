"""A finance officer rejects a withdrawal: the held money can be spent again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.money.payments.events import WithdrawalEnded
from rongqiao.money.payments.models.movements import State, Withdrawal
from rongqiao.money.payments.operations.two_people import checked_reason, decide, open_for_second
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class RejectWithdrawal:
    """Which one and why."""

    withdrawal_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class WithdrawalRejected:
    """The withdrawal that is over."""

    withdrawal_id: UUID


@operation("payments.reject_withdrawal", restore=WithdrawalRejected)
def reject_withdrawal(command: RejectWithdrawal, call: Call) -> WithdrawalRejected:
    """Release the hold and tell WithdrawalEnded.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, NotOpen, ReasonNeeded, NotFound.
    """
    row = Withdrawal.objects.select_for_update().filter(pk=command.withdrawal_id).first()
    if row is None:
        raise NotFound(what="withdrawal")
    open_for_second(row, call)
    decide(row, State.REJECTED, call, checked_reason(command.reason))
    release_hold(row.hold_id, call)
    publish(
        WithdrawalEnded(
            withdrawal_id=row.pk,
            party_id=row.party_id,
            amount=Money(row.amount_minor),
            is_paid=False,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return WithdrawalRejected(withdrawal_id=row.pk)
