"""The bank called: whose signature and freshness fit at the door is judged here, and kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.money.payments.models.orders import BankMessage, By
from rongqiao.money.payments.operations.orders.placing import ASK
from rongqiao.money.payments.operations.orders.settling import REPLAYED, WAITING, Said, settle
from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class EventReused(Refusal):
    """The bank's event id was used before, for something else. Fact: `value`."""

    kind, code = Kind.CONFLICT, "payments.event-reused"


@dataclass(frozen=True, kw_only=True)
class TakeCallback:
    """What the bank said, as it came: the amount as text, the state as its word."""

    event_id: str
    order_no: str
    state: str
    amount: str
    currency: str
    bank_serial: str
    reason: str = ""
    settled_on: date | None = None
    returned_on: date | None = None
    return_serial: str = ""


@dataclass(frozen=True, kw_only=True)
class CallbackTaken:
    """What came of it: settled, replayed, waiting, or `parked:<reason>`."""

    event_id: str
    verdict: str


@operation("payments.take_callback", restore=CallbackTaken)
def take_callback(command: TakeCallback, call: Call) -> CallbackTaken:
    """Judge a callback once per event id and apply what fits; one that waits asks the bank.

    Money moves only if order, amount, currency and state all fit. Raises EventReused, and of the
    ledger InsufficientFunds.
    """
    said = Said(
        order_no=command.order_no,
        state=command.state,
        amount=command.amount,
        currency=command.currency,
        bank_serial=command.bank_serial,
        reason=command.reason,
        settled_on=command.settled_on,
        returned_on=command.returned_on,
        return_serial=command.return_serial,
        by=By.CALLBACK,
    )
    before = BankMessage.objects.filter(event_id=command.event_id).first()
    if before is not None:
        if bytes(before.digest) != said.digest:
            raise EventReused(value=command.event_id)
        is_known = before.verdict.startswith("parked:")
        return CallbackTaken(
            event_id=command.event_id, verdict=before.verdict if is_known else REPLAYED
        )
    message = settle(said, command.event_id, call)
    if message.verdict == WAITING:
        jobs.enqueue(ASK, order_id=str(message.order_id))
    return CallbackTaken(event_id=command.event_id, verdict=message.verdict)
