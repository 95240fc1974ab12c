"""A party takes back an order of its own that has not gone to the bank yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import OrderState, PaymentOrder
from rongqiao.money.payments.operations.cards.usable import acting_for_party
from rongqiao.money.payments.operations.orders.placing import cancel
from rongqiao.money.payments.operations.two_people import NotOpen
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class CancelOrder:
    """Which order of which party."""

    party_id: UUID
    order_id: UUID


@dataclass(frozen=True, kw_only=True)
class OrderCancelled:
    """The order that is over; what it held can be spent again."""

    order_id: UUID


@operation("payments.cancel_order", restore=OrderCancelled)
def cancel_order(command: CancelOrder, call: Call) -> OrderCancelled:
    """Cancel an order that was not sent. Raises NotFound, NotOpen."""
    acting_for_party(call, command.party_id)
    orders = PaymentOrder.objects.select_for_update()
    row = orders.filter(pk=command.order_id, party_id=command.party_id).first()
    if row is None:
        raise NotFound(what="order")
    if row.state != OrderState.CREATED:
        raise NotOpen(state=row.state)
    cancel(row, "", call)
    return OrderCancelled(order_id=row.pk)
