"""A party asks for its money: held at once, paid when a finance officer confirms."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.payments.models.movements import State, Withdrawal
from rongqiao.money.payments.operations.two_people import checked_amount
from rongqiao.money.payments.postings import wallet
from rongqiao.parties.queries import acts_for, get_payee, user_of
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawal:
    """From whose wallet, how much, to which of their own bank accounts."""

    party_id: UUID
    bank_account_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class WithdrawalRequested:
    """The withdrawal on its way; its money can no longer be spent."""

    withdrawal_id: UUID
    number: str


@operation("payments.request_withdrawal", restore=WithdrawalRequested)
def request_withdrawal(command: RequestWithdrawal, call: Call) -> WithdrawalRequested:
    """Hold the money and note the withdrawal, payee and all.

    Raises AmountRefused, NotFound, and of the ledger InsufficientFunds, UnknownAccount.
    """
    user_id = user_of(call.actor)
    if user_id is None or not acts_for(user_id, command.party_id):
        raise NotFound(what="party")
    amount = checked_amount(command.amount)
    payee = get_payee(command.bank_account_id, command.party_id)
    number = short_number("WD", call.at)
    row = Withdrawal.objects.create(
        id=new_id(call.at),
        number=number,
        party_id=command.party_id,
        bank_account_id=payee.bank_account_id,
        amount_minor=amount.minor,
        hold_id=hold(wallet(command.party_id), amount, number, call),
        state=State.REGISTERED,
        registered_by=call.actor,
        registered_at=call.at,
    )
    return WithdrawalRequested(withdrawal_id=row.pk, number=number)
