"""An open order is looked after once more; the next time is further off each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rongqiao.money.payments.models.orders import OPEN, PaymentOrder
from rongqiao.platform.operations import Call, operation

SHORTEST, LONGEST = timedelta(seconds=5), timedelta(minutes=10)
MOST_DOUBLINGS = 10


@dataclass(frozen=True, kw_only=True)
class NoteTried:
    """Which order, and how often it had been tried when it was found due."""

    order_id: UUID
    tries: int


@dataclass(frozen=True, kw_only=True)
class TryNoted:
    """Whether the try is the caller's: another worker may have been faster."""

    order_id: UUID
    is_mine: bool


@operation("payments.note_tried", restore=TryNoted)
def note_tried(command: NoteTried, call: Call) -> TryNoted:
    """Count the try and set the time of the next one."""
    row = PaymentOrder.objects.select_for_update().filter(pk=command.order_id).first()
    if row is None or row.state not in OPEN or row.tries != command.tries:
        return TryNoted(order_id=command.order_id, is_mine=False)
    row.tries += 1
    row.next_try_at = call.at + pause(row.tries)
    row.save(update_fields=["tries", "next_try_at"])
    return TryNoted(order_id=row.pk, is_mine=True)


def pause(tries: int) -> timedelta:
    """Return how long to wait after so many tries: 5 seconds doubled each time, to 10 minutes."""
    doubled: int = 2 ** min(tries, MOST_DOUBLINGS)
    return min(SHORTEST * doubled, LONGEST)
