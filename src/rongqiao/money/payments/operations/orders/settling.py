"""The one place where an order moves money: what the bank says is judged, kept, and applied once.

Whatever does not fit what is known is parked with its reason and moves nothing. Money that is
said to have failed is given back only on the bank's answer to a question of ours: a callback may
be late, and its opposite may be under way. So every order of messages has the same end.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rongqiao.finance.bookkeeping import Journal
from rongqiao.finance.money import BadAmount, Money
from rongqiao.money.ledger.operations.capture_hold import capture_hold
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.money.ledger.queries import books
from rongqiao.money.payments import postings
from rongqiao.money.payments.events import (
    PaymentFailed,
    PaymentReturned,
    PaymentSucceeded,
)
from rongqiao.money.payments.models.movements import CapitalInjection, Receipt, State
from rongqiao.money.payments.models.orders import (
    AT_THE_BANK,
    MONEY_IN,
    BankMessage,
    By,
    OrderKind,
    OrderState,
    OrderStep,
    PaymentOrder,
)
from rongqiao.money.payments.operations.orders.placing import put_back, step
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, canonical

SETTLED, REPLAYED, WAITING = "settled", "replayed", "waiting"
RETURNED = "returned"
NO_REASON = "not-told"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the bank said about an order: `succeeded`, `failed` or `returned`; amount as text."""

    order_no: str
    state: str
    amount: str
    currency: str
    bank_serial: str
    reason: str = ""
    settled_on: date | None = None
    returned_on: date | None = None
    return_serial: str = ""
    by: str = field(default=By.CALLBACK)

    @property
    def digest(self) -> bytes:
        """Return the digest of its contents, by which the same message is known again."""
        return hashlib.sha256(canonical(self).encode()).digest()


def settle(said: Said, event_id: str, call: Call) -> BankMessage:
    """Judge a message, apply it if it fits, and keep it with its verdict; return it.

    A message kept before under `event_id` is judged anew. The order's row is locked first. Raises
    of the ledger InsufficientFunds, where money was spent while a return of it was judged.
    """
    row = PaymentOrder.objects.select_for_update().filter(number=said.order_no).first()
    verdict = _judge(row, said)
    if row is not None and verdict == SETTLED:
        _apply(row, said, event_id, call)
    message = _kept(row, said, event_id, verdict, call)
    if row is not None and verdict == SETTLED:
        _apply_what_waited(row, call)
    return message


def _judge(row: PaymentOrder | None, said: Said) -> str:
    """Return the verdict on a message, as things stand."""
    if row is None:
        return "parked:unknown-order"
    if row.state == OrderState.CREATED:
        return "parked:not-sent"
    if row.state == OrderState.CANCELLED:
        return "parked:was-cancelled"
    return _contradiction(row, said) or _fitting(row, said)


def _contradiction(row: PaymentOrder, said: Said) -> str:
    """Return how the message contradicts the order or the books, empty if it does not."""
    if said.currency != row.currency:
        return "parked:currency-differs"
    if _minor(said.amount) != row.amount_minor:
        return "parked:amount-differs"
    if row.bank_serial and said.bank_serial and row.bank_serial != said.bank_serial:
        return "parked:serial-differs"
    if said.state == OrderState.SUCCEEDED and _serial_is_taken(row, said.bank_serial):
        return "parked:serial-used"
    return ""


def _minor(text: str) -> int | None:
    try:
        return Money.yuan(text).minor
    except BadAmount:
        return None


def _serial_is_taken(row: PaymentOrder, serial: str) -> bool:
    """Tell whether the bank's transfer was booked before, as an order or by hand."""
    if PaymentOrder.objects.filter(bank_serial=serial).exclude(pk=row.pk).exists():
        return True
    return any(
        table.objects.filter(bank_serial=serial).exclude(state=State.REJECTED).exists()
        for table in (Receipt, CapitalInjection)
    )


def _fitting(row: PaymentOrder, said: Said) -> str:
    """Return the verdict on a message whose order, amount and currency are right."""
    if said.state == RETURNED:
        return _fitting_return(row)
    if row.state not in AT_THE_BANK:
        return REPLAYED if said.state == row.state else f"parked:was-{row.state}"
    if said.state == OrderState.SUCCEEDED:
        return SETTLED if said.bank_serial else "parked:no-serial"
    return WAITING if said.by == By.CALLBACK else SETTLED


def _fitting_return(row: PaymentOrder) -> str:
    if row.state in AT_THE_BANK:
        return WAITING
    if row.state == OrderState.FAILED:
        return "parked:was-failed"
    if row.is_returned:
        return REPLAYED
    if _is_reversed(row):
        return "parked:was-reversed"
    return SETTLED if _covers_return(row) else "parked:return-not-covered"


def _is_reversed(row: PaymentOrder) -> bool:
    """Tell whether two people took its journal back: the money is where it came from already."""
    assert row.journal is not None, row.pk
    posted = books.get_journal(row.journal)
    return posted is not None and posted.reversed_by is not None


def _covers_return(row: PaymentOrder) -> bool:
    """Tell whether money the bank took back again is still there to give up."""
    if row.kind not in MONEY_IN:
        return True
    if row.kind == OrderKind.TRANSFER_IN:
        return books.available(postings.OPERATOR_FUNDS).minor >= row.amount_minor
    assert row.party_id is not None, row.pk
    return books.available(postings.wallet(row.party_id)).minor >= row.amount_minor


def _apply(row: PaymentOrder, said: Said, event_id: str, call: Call) -> None:
    evidence = {"event": event_id, "serial": said.bank_serial}
    if said.state == OrderState.SUCCEEDED:
        _succeed(row, said, evidence, call)
    elif said.state == OrderState.FAILED:
        _fail(row, said, evidence, call)
    else:
        _give_back(row, said, evidence, call)


def _succeed(row: PaymentOrder, said: Said, evidence: dict[str, str], call: Call) -> None:
    amount = Money(row.amount_minor, row.currency)
    journal = postings.order(row.kind, row.number, call.on, row.party_id, amount)
    before, row.state, row.ended_at = row.state, OrderState.SUCCEEDED, call.at
    row.bank_serial = said.bank_serial
    row.settled_on = said.settled_on or call.on
    put_back(row, call)
    row.journal = _posted(journal, row.hold_id, call)
    row.next_try_at = None
    row.save()
    step(row, before, said.by, call, evidence)
    publish(PaymentSucceeded(**_told(row, call)))


def _fail(row: PaymentOrder, said: Said, evidence: dict[str, str], call: Call) -> None:
    before, row.state, row.ended_at = row.state, OrderState.FAILED, call.at
    row.reason = said.reason or NO_REASON
    row.next_try_at = None
    row.save()
    step(row, before, said.by, call, evidence | {"reason": row.reason})
    if row.hold_id is not None:
        release_hold(row.hold_id, call)
    put_back(row, call)
    publish(PaymentFailed(**_told(row, call), reason=row.reason))


def _give_back(row: PaymentOrder, said: Said, evidence: dict[str, str], call: Call) -> None:
    amount = Money(row.amount_minor, row.currency)
    journal = postings.returned(row.kind, row.number, call.on, row.party_id, amount)
    row.is_returned, row.returned_at = True, call.at
    row.returned_on = said.returned_on or call.on
    row.return_serial = said.return_serial
    row.reason = said.reason or NO_REASON
    row.returned_journal = _posted(journal, None, call)
    row.save()
    OrderStep.objects.create(
        order=row,
        from_state=row.state,
        to_state=RETURNED,
        by=said.by,
        actor=call.actor,
        evidence=evidence | {"return_serial": said.return_serial, "reason": row.reason},
        at=call.at,
    )
    publish(PaymentReturned(**_told(row, call), reason=row.reason))


def _posted(journal: Journal, hold_id: int | None, call: Call) -> int:
    open_accounts([leg.account for leg in journal.legs], call)
    if hold_id is not None:
        return capture_hold(hold_id, journal, call)
    (number,) = post([journal], call)
    return number


def _told(row: PaymentOrder, call: Call) -> dict[str, Any]:
    return {
        "order_id": row.pk,
        "number": row.number,
        "kind": row.kind,
        "about": row.subject,
        "party_id": row.party_id,
        "amount": Money(row.amount_minor, row.currency),
        "happened_at": call.at,
        "happened_on": call.on,
    }


def _kept(
    row: PaymentOrder | None, said: Said, event_id: str, verdict: str, call: Call
) -> BankMessage:
    message, _is_new = BankMessage.objects.update_or_create(
        event_id=event_id,
        defaults={"verdict": verdict, "order": row},
        create_defaults={
            "by": said.by,
            "order_no": said.order_no,
            "order": row,
            "state": said.state,
            "amount": said.amount,
            "currency": said.currency,
            "bank_serial": said.bank_serial,
            "reason": said.reason,
            "settled_on": said.settled_on,
            "returned_on": said.returned_on,
            "return_serial": said.return_serial,
            "digest": said.digest,
            "received_at": call.at,
            "verdict": verdict,
        },
    )
    return message


def _apply_what_waited(row: PaymentOrder, call: Call) -> None:
    """Judge again what came before its time; failures first, so that returns come last."""
    waited = BankMessage.objects.filter(order=row, verdict=WAITING).order_by("state", "id")
    for message in waited:
        said = as_said(message)
        message.verdict = _judge(row, said)
        if message.verdict == SETTLED:
            _apply(row, said, message.event_id, call)
        message.save(update_fields=["verdict"])


def as_said(message: BankMessage) -> Said:
    """Return a kept message as the bank said it."""
    return Said(
        order_no=message.order_no,
        state=message.state,
        amount=message.amount,
        currency=message.currency,
        bank_serial=message.bank_serial,
        reason=message.reason,
        settled_on=message.settled_on,
        returned_on=message.returned_on,
        return_serial=message.return_serial,
        by=message.by,
    )
