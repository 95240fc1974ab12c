"""Make an order inside the caller's operation, or cancel one that the bank has not got."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.money.payments import postings
from rongqiao.money.payments.events import PaymentFailed
from rongqiao.money.payments.models.orders import (
    By,
    OrderKind,
    OrderState,
    OrderStep,
    PaymentOrder,
)
from rongqiao.parties.queries import Payee
from rongqiao.platform import jobs
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call

SEND = "payments.send_order"
ASK = "payments.ask_bank"
TABLE = "payments_paymentorder"
# The queue sends at once; an order it lost is taken up after this.
LOST_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What an order asks for. The payee and the card's token are frozen in it, sealed."""

    kind: str
    amount: Money
    party_id: UUID | None = None
    payee: Payee | None = None
    card_token: str = ""
    subject: str = ""
    needs_approval: bool = False
    step_up_id: UUID | None = None


def place(wish: Wish, call: Call, *, number: str = "", hold_id: int | None = None) -> PaymentOrder:
    """Store the order and have it sent, unless it waits for approval; return its row.

    Own money that is to leave the pool is set aside: of the ledger InsufficientFunds.
    """
    row_id = new_id(call.at)
    row = PaymentOrder(
        id=row_id,
        number=number or free_number(call),
        kind=wish.kind,
        party_id=wish.party_id,
        bank_account_id=wish.payee.bank_account_id if wish.payee else None,
        amount_minor=wish.amount.minor,
        currency=wish.amount.currency,
        state=OrderState.CREATED,
        payee_sealed=_sealed(_written(wish.payee), "payee_sealed", row_id),
        card_token_sealed=_sealed(wish.card_token, "card_token_sealed", row_id),
        hold_id=hold_id,
        subject=wish.subject,
        needs_approval=wish.needs_approval,
        step_up_id=wish.step_up_id,
        created_by=call.actor,
        created_at=call.at,
        created_on=call.on,
    )
    row.save(force_insert=True)
    step(row, "", by_of(call), call)
    if row.kind == OrderKind.TRANSFER_OUT:
        aside = postings.set_aside(row.number, call.on, wish.amount)
        open_accounts([leg.account for leg in aside.legs], call)
        post([aside], call)
    if not wish.needs_approval:
        send_soon(row, call)
    return row


def free_number(call: Call) -> str:
    """Return a number that no order bears yet."""
    number = short_number("PO", call.at)
    while PaymentOrder.objects.filter(number=number).exists():
        number = short_number("PO", call.at)
    return number


def send_soon(row: PaymentOrder, call: Call) -> None:
    """Put the order in the queue, in the caller's transaction; a lost job is made up for."""
    row.next_try_at = call.at + LOST_AFTER
    row.save(update_fields=["next_try_at"])
    jobs.enqueue(SEND, order_id=str(row.pk))


def cancel(row: PaymentOrder, reason: str, call: Call) -> None:
    """End a created order inside the caller's operation and tell PaymentFailed."""
    assert row.state == OrderState.CREATED, row.state
    row.state, row.reason, row.ended_at, row.next_try_at = (
        OrderState.CANCELLED,
        reason,
        call.at,
        None,
    )
    row.save(update_fields=["state", "reason", "ended_at", "next_try_at"])
    step(row, OrderState.CREATED, by_of(call), call, {"reason": reason} if reason else None)
    if row.hold_id is not None:
        release_hold(row.hold_id, call)
    put_back(row, call)
    publish(
        PaymentFailed(
            order_id=row.pk,
            number=row.number,
            kind=row.kind,
            about=row.subject,
            party_id=row.party_id,
            amount=Money(row.amount_minor, row.currency),
            reason=reason,
            happened_at=call.at,
            happened_on=call.on,
        )
    )


def put_back(row: PaymentOrder, call: Call) -> None:
    """Let the operator use again what `place` set aside; other orders need nothing.

    Also before a success is booked: it can then always be, as nobody else could draw on it.
    """
    if row.kind == OrderKind.TRANSFER_OUT:
        post([postings.put_back(row.number, call.on, Money(row.amount_minor))], call)


def step(
    row: PaymentOrder, from_state: str, by: str, call: Call, evidence: dict[str, str] | None = None
) -> None:
    """Put the step to the row's present state on record."""
    OrderStep.objects.create(
        order=row,
        from_state=from_state,
        to_state=row.state,
        by=by,
        actor=call.actor,
        evidence=evidence or {},
        at=call.at,
    )


def by_of(call: Call) -> str:
    """Return on whose word the caller acts: a user's, or the platform's own."""
    return By.SYSTEM if call.actor.startswith("system:") else By.USER


def _written(payee: Payee | None) -> str:
    if payee is None:
        return ""
    named = {"bank_name": payee.bank_name, "holder": payee.holder, "number": payee.number}
    return json.dumps(named, ensure_ascii=False, sort_keys=True)


def _sealed(text: str, column: str, row_id: UUID) -> bytes | None:
    return encrypt(text, table=TABLE, column=column, row=row_id) if text else None
