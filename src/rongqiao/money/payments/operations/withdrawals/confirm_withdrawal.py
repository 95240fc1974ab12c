"""A finance officer has paid a withdrawal out at the bank: the held money leaves the wallet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.capture_hold import capture_hold
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.payments import postings
from rongqiao.money.payments.events import WithdrawalEnded
from rongqiao.money.payments.models.movements import State, Withdrawal
from rongqiao.money.payments.operations.two_people import (
    SerialUsed,
    checked_serial,
    decide,
    open_for_second,
)
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class ConfirmWithdrawal:
    """Which one, and the bank's number of the payment."""

    withdrawal_id: UUID
    bank_serial: str


@dataclass(frozen=True, kw_only=True)
class WithdrawalBooked:
    """The journal that moved the money."""

    withdrawal_id: UUID
    journal: int


@operation("payments.confirm_withdrawal", restore=WithdrawalBooked)
def confirm_withdrawal(command: ConfirmWithdrawal, call: Call) -> WithdrawalBooked:
    """Capture the hold by the payment's journal and tell WithdrawalEnded.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, NotOpen, SerialRefused,
    SerialUsed, NotFound.
    """
    serial = checked_serial(command.bank_serial)
    row = Withdrawal.objects.select_for_update().filter(pk=command.withdrawal_id).first()
    if row is None:
        raise NotFound(what="withdrawal")
    open_for_second(row, call)
    if Withdrawal.objects.filter(bank_serial=serial).exists():
        raise SerialUsed(value=serial)
    amount = Money(row.amount_minor)
    row.bank_serial = serial
    row.save(update_fields=["bank_serial"])
    decide(row, State.CONFIRMED, call)
    open_accounts([postings.CUSTODIAN_CASH], call)
    journal = capture_hold(
        row.hold_id, postings.withdrawal(row.number, call.on, row.party_id, amount), call
    )
    publish(
        WithdrawalEnded(
            withdrawal_id=row.pk,
            party_id=row.party_id,
            amount=amount,
            is_paid=True,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return WithdrawalBooked(withdrawal_id=row.pk, journal=journal)
