"""An order goes to the bank: committed before the bank is called, so that no money is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rongqiao.money.payments.models.orders import (
    OF_A_PARTY,
    BoundCard,
    CardState,
    DebitMandate,
    OrderKind,
    OrderState,
    PaymentOrder,
)
from rongqiao.money.payments.operations.cards.usable import CardNotBound
from rongqiao.money.payments.operations.orders.placing import TABLE, by_of, cancel, step
from rongqiao.money.payments.operations.two_people import NotOpen
from rongqiao.money.payments.queries.cards import card_token
from rongqiao.money.payments.queries.orders import token_of
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound

# What the bank has not told by itself after so long is asked for.
FIRST_QUESTION = timedelta(seconds=5)


@dataclass(frozen=True, kw_only=True)
class NoteSent:
    """Which order."""

    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderSent:
    """How it stands: sent, or cancelled because its card or its mandate is no longer there."""

    order_id: UUID
    state: str


@operation("payments.note_sent", restore=OrderSent)
def note_sent(command: NoteSent, call: Call) -> OrderSent:
    """Move an order from created to sent. Raises NotFound, NotOpen, CardNotBound."""
    row = PaymentOrder.objects.select_for_update().filter(pk=command.order_id).first()
    if row is None:
        raise NotFound(what="order")
    if row.state != OrderState.CREATED or (row.needs_approval and not row.approved_by):
        raise NotOpen(state=row.state)
    if row.kind in OF_A_PARTY and not _goes_to_its_card(row):
        cancel(row, "card-closed", call)
        return OrderSent(order_id=row.pk, state=row.state)
    if row.kind == OrderKind.DIRECT_DEBIT and not _is_still_allowed(row):
        cancel(row, "mandate-withdrawn", call)
        return OrderSent(order_id=row.pk, state=row.state)
    row.state, row.sent_at = OrderState.SENT, call.at
    row.tries, row.next_try_at = 0, call.at + FIRST_QUESTION
    row.save(update_fields=["state", "sent_at", "tries", "next_try_at", "card_token_sealed"])
    step(row, OrderState.CREATED, by_of(call), call)
    return OrderSent(order_id=row.pk, state=row.state)


def _is_still_allowed(row: PaymentOrder) -> bool:
    """Tell whether its owner still lets the card be debited, by that mandate or a later one.

    The mandate is locked: a withdrawal waits for the sending, or the sending for the withdrawal.
    """
    standing = DebitMandate.objects.select_for_update().filter(
        bank_account_id=row.bank_account_id, withdrawn_at=None
    )
    return standing.first() is not None


def _goes_to_its_card(row: PaymentOrder) -> bool:
    """Tell whether the card is still bound under the token the order was made with.

    An order older than the bank's cards has no token yet; it gets that of its own account.
    """
    card = BoundCard.objects.filter(pk=row.bank_account_id).first()
    if card is None or card.state == CardState.PENDING:
        raise CardNotBound(state=CardState.PENDING, reason="")
    if card.state != CardState.BOUND:
        return False
    token = card_token(card)
    if row.card_token_sealed is None:
        row.card_token_sealed = encrypt(token, table=TABLE, column="card_token_sealed", row=row.pk)
    return token_of(row) == token
