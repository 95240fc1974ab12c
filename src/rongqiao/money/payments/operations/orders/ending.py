"""Cancel an order that was not sent: what was held can be spent again."""

from __future__ import annotations

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.money.payments.events import PaymentFailed
from rongqiao.money.payments.models.orders import OrderState, PaymentOrder
from rongqiao.money.payments.operations.orders.placing import by_of, step
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call


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
