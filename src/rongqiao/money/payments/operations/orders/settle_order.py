"""The bank answered a question of ours, or its statement or the repair desk speaks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.money.payments.models.orders import BankMessage, By
from rongqiao.money.payments.operations.orders.settling import Said, as_said, settle
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class SettleOrder:
    """What the bank says of an order: succeeded, failed or returned; `by` tells how we know.

    With `event_id` alone, a message that was parked is judged again.
    """

    order_no: str = ""
    state: str = ""
    amount: str = ""
    currency: str = "CNY"
    bank_serial: str = ""
    reason: str = ""
    settled_on: date | None = None
    returned_on: date | None = None
    return_serial: str = ""
    by: str = By.QUERY
    event_id: str = ""


@dataclass(frozen=True, kw_only=True)
class OrderSettled:
    """What came of it: settled, replayed, waiting, or `parked:<reason>`."""

    order_no: str
    verdict: str


@operation("payments.settle_order", restore=OrderSettled)
def settle_order(command: SettleOrder, call: Call) -> OrderSettled:
    """Judge what is said of an order and apply what fits; a contradiction is parked.

    Raises NotFound, and of the ledger InsufficientFunds.
    """
    said, event_id = _kept(command.event_id) if command.event_id else _new(command)
    message = settle(said, event_id, call)
    return OrderSettled(order_no=said.order_no, verdict=message.verdict)


def _new(command: SettleOrder) -> tuple[Said, str]:
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
        by=command.by,
    )
    # The same answer, however often it is given, is one message.
    return said, f"{said.by}:{said.order_no}:{said.digest.hex()[:24]}"


def _kept(event_id: str) -> tuple[Said, str]:
    message = BankMessage.objects.filter(event_id=event_id).first()
    if message is None:
        raise NotFound(what="message")
    return as_said(message), event_id
