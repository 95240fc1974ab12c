"""The bank gave no answer to an order: whether money moved is unknown until the bank says so."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import OrderState, PaymentOrder
from rongqiao.money.payments.operations.orders.placing import by_of, step
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class NoteUnknown:
    """Which order, and what happened instead of an answer."""

    order_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class OrderUnknown:
    """How it stands: one that ended meanwhile stays as it ended."""

    order_id: UUID
    state: str


@operation("payments.note_unknown", restore=OrderUnknown)
def note_unknown(command: NoteUnknown, call: Call) -> OrderUnknown:
    """Move an order from sent to unknown, unless the bank spoke meanwhile. Raises NotFound."""
    row = PaymentOrder.objects.select_for_update().filter(pk=command.order_id).first()
    if row is None:
        raise NotFound(what="order")
    if row.state == OrderState.SENT:
        row.state = OrderState.UNKNOWN
        row.save(update_fields=["state"])
        step(row, OrderState.SENT, by_of(call), call, {"reason": command.reason})
    return OrderUnknown(order_id=row.pk, state=row.state)
