"""A party brings money in from its own bound card."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.orders import OrderKind
from rongqiao.money.payments.operations.cards.usable import acting_for_party, usable_card
from rongqiao.money.payments.operations.orders.placing import Wish, place
from rongqiao.money.payments.operations.two_people import checked_amount
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class RequestTopUp:
    """Into whose wallet, how much, from which of their own bank accounts."""

    party_id: UUID
    bank_account_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class TopUpRequested:
    """The order on its way to the bank; the wallet moves when the bank has the money."""

    order_id: UUID
    number: str


@operation("payments.request_top_up", restore=TopUpRequested)
def request_top_up(command: RequestTopUp, call: Call) -> TopUpRequested:
    """Make the order; the bank is called once it is committed.

    Raises NotFound, AmountRefused, CurrencyRefused, CardNotBound.
    """
    acting_for_party(call, command.party_id)
    amount = checked_amount(command.amount)
    card = usable_card(command.party_id, command.bank_account_id)
    wish = Wish(
        kind=OrderKind.TOP_UP,
        amount=amount,
        party_id=command.party_id,
        payee=card.payee,
        card_token=card.token,
    )
    row = place(wish, call)
    return TopUpRequested(order_id=row.pk, number=row.number)
