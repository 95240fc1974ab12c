"""A party asks for its money: held at once, paid by the bank to the party's own bound card."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.payments.models.orders import OrderKind, PaymentOrder
from rongqiao.money.payments.operations.cards.usable import (
    acting_for_party,
    refuse_new_card,
    usable_card,
)
from rongqiao.money.payments.operations.orders.placing import Wish, free_number, place
from rongqiao.money.payments.operations.two_people import checked_amount
from rongqiao.money.payments.postings import wallet
from rongqiao.money.payments.queries.orders import withdrawn_on
from rongqiao.money.payments.queries.terms import withdrawal_purpose
from rongqiao.parties.queries import has_stepped_up, user_of
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

# From here on, a party's withdrawals of a business day counted together, a finance officer looks
# at one before it is sent.
APPROVED_FROM = Money.yuan("50000.00")


class StepUpNeeded(Refusal):
    """Who asks did not prove anew who they are, for just this withdrawal; or used the proof up."""

    kind, code = Kind.CONFLICT, "payments.step-up-needed"


@dataclass(frozen=True, kw_only=True)
class RequestWithdrawal:
    """From whose wallet, how much, to which of their own bank accounts, and the user's proof."""

    party_id: UUID
    bank_account_id: UUID
    amount: Money
    step_up_id: UUID


@dataclass(frozen=True, kw_only=True)
class WithdrawalRequested:
    """The order; its money can no longer be spent. A large one waits for approval."""

    order_id: UUID
    number: str
    needs_approval: bool


@operation("payments.request_withdrawal", restore=WithdrawalRequested)
def request_withdrawal(command: RequestWithdrawal, call: Call) -> WithdrawalRequested:
    """Hold the money and make the order, its payee frozen.

    Raises NotFound, AmountRefused, CurrencyRefused, CardNotBound, CardTooNew, CardSwapped,
    StepUpNeeded, and of the ledger InsufficientFunds, UnknownAccount.
    """
    acting_for_party(call, command.party_id)
    amount = checked_amount(command.amount)
    card = usable_card(command.party_id, command.bank_account_id)
    refuse_new_card(command.party_id, command.bank_account_id, call)
    _proved(command, call)
    number = free_number(call)
    # It locks the wallet: of two at once the second sees the first in the day's sum.
    hold_id = hold(wallet(command.party_id), amount, number, call)
    wish = Wish(
        kind=OrderKind.WITHDRAWAL,
        amount=amount,
        party_id=command.party_id,
        payee=card.payee,
        card_token=card.token,
        needs_approval=amount + withdrawn_on(command.party_id, call.on) >= APPROVED_FROM,
        step_up_id=command.step_up_id,
    )
    row = place(wish, call, number=number, hold_id=hold_id)
    return WithdrawalRequested(order_id=row.pk, number=number, needs_approval=row.needs_approval)


def _proved(command: RequestWithdrawal, call: Call) -> None:
    """Take the proof, once: the card is locked, so that two orders do not both find it unused."""
    user_id = user_of(call.actor)
    assert user_id is not None, call.actor
    purpose = withdrawal_purpose(command.party_id, command.bank_account_id, command.amount)
    is_used = PaymentOrder.objects.filter(step_up_id=command.step_up_id).exists()
    if is_used or not has_stepped_up(command.step_up_id, user_id, purpose, call.at):
        raise StepUpNeeded
