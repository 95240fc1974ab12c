"""A party asks for its money: held at once, paid by the bank to the party's own bound card."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.payments.models.orders import OrderKind
from rongqiao.money.payments.operations.cards.usable import (
    acting_for_party,
    refuse_new_card,
    usable_card,
)
from rongqiao.money.payments.operations.orders.placing import Wish, free_number, place
from rongqiao.money.payments.operations.two_people import checked_amount
from rongqiao.money.payments.postings import wallet
from rongqiao.platform.operations import Call, operation

# From here on a finance officer looks at a withdrawal before it is sent.
APPROVED_FROM = Money.yuan("50000.00")


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawal:
    """From whose wallet, how much, to which of their own bank accounts."""

    party_id: UUID
    bank_account_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class WithdrawalRequested:
    """The order; its money can no longer be spent. A large one waits for approval."""

    order_id: UUID
    number: str
    needs_approval: bool


@operation("payments.request_withdrawal", restore=WithdrawalRequested)
def request_withdrawal(command: RequestWithdrawal, call: Call) -> WithdrawalRequested:
    """Hold the money and make the order, its payee frozen; the caller's page did the step-up.

    Raises NotFound, AmountRefused, CurrencyRefused, CardNotBound, CardTooNew, CardSwapped, and of
    the ledger InsufficientFunds, UnknownAccount.
    """
    acting_for_party(call, command.party_id)
    amount = checked_amount(command.amount)
    card = usable_card(command.party_id, command.bank_account_id)
    refuse_new_card(command.party_id, command.bank_account_id, call)
    wish = Wish(
        kind=OrderKind.WITHDRAWAL,
        amount=amount,
        party_id=command.party_id,
        payee=card.payee,
        card_token=card.token,
        needs_approval=amount >= APPROVED_FROM,
    )
    number = free_number(call)
    hold_id = hold(wallet(command.party_id), amount, number, call)
    row = place(wish, call, number=number, hold_id=hold_id)
    return WithdrawalRequested(order_id=row.pk, number=number, needs_approval=row.needs_approval)
