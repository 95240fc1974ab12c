"""Bring outbox events to their handlers: at least once, in order per subject, poison parked.

An event is claimed by a lease, so that any number of relays share the work and a killed one's
events come back. Handlers are idempotent by the key they get; an event that keeps failing is
parked where staff sees it, and its subject goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from rongqiao.platform import clock
from rongqiao.platform.events import Event
from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.operations import Call, operation, restored

Handler = Callable[[Any, Call], None]
Subscribers = Mapping[type[Event], Sequence[Handler]]

LEASE = timedelta(seconds=30)
ATTEMPTS = 6
BATCH = 50

_log = logging.getLogger(__name__)


def drain(subscribers: Subscribers) -> int:
    """Deliver until nothing is due; return how many events were delivered."""
    total = 0
    while claimed := _claim():
        total += sum(_deliver(event, subscribers) for event in claimed)
    return total


def parked() -> list[OutboxEvent]:
    """Return the events that kept failing, newest first."""
    return list(OutboxEvent.objects.filter(parked_at__isnull=False).order_by("-id")[:200])


def undelivered() -> int:
    """Return how many events still wait for their handlers."""
    return OutboxEvent.objects.filter(delivered_at=None, parked_at=None).count()


@dataclass(frozen=True, kw_only=True)
class Unpark:
    """Which event."""

    event_id: int


@dataclass(frozen=True, kw_only=True)
class Unparked:
    """Whether it was parked at all."""

    was_parked: bool


@operation("platform.unpark", restore=Unparked)
def unpark(command: Unpark, _call: Call) -> Unparked:
    """Give a parked event a fresh row of attempts."""
    return Unparked(was_parked=give_attempts(command.event_id))


def give_attempts(event_id: int) -> bool:
    """Take an event out of the park, inside the caller's operation; False if it was not there."""
    changed = OutboxEvent.objects.filter(pk=event_id, parked_at__isnull=False).update(
        parked_at=None, attempts=0, next_try_at=None
    )
    return bool(changed)


def _claim() -> list[OutboxEvent]:
    now = clock.now()
    with connection.cursor() as cursor:
        # Picked once, whatever the planner believes: picked anew for each row it would be more than
        # a batch, and what waits for an earlier event would go in another order.
        cursor.execute(
            """WITH due AS MATERIALIZED (
                 SELECT id FROM platform_outboxevent AS event
                 WHERE delivered_at IS NULL AND parked_at IS NULL
                   AND (next_try_at IS NULL OR next_try_at <= %(now)s)
                   AND NOT EXISTS (
                     SELECT 1 FROM platform_outboxevent AS earlier
                     WHERE earlier.subject = event.subject AND earlier.id < event.id
                       AND earlier.delivered_at IS NULL AND earlier.parked_at IS NULL)
                 ORDER BY id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
               UPDATE platform_outboxevent AS event
               SET attempts = attempts + 1, next_try_at = %(until)s
               FROM due WHERE event.id = due.id RETURNING event.id""",
            {"now": now, "until": now + LEASE, "batch": BATCH},
        )
        ids = [row[0] for row in cursor.fetchall()]
    return list(OutboxEvent.objects.filter(pk__in=ids).order_by("id"))


def _deliver(row: OutboxEvent, subscribers: Subscribers) -> bool:
    kind = next((kind for kind in subscribers if kind.name == row.name), None)
    waiting = OutboxEvent.objects.filter(pk=row.pk)
    if kind is not None:
        event = restored(kind, row.payload)
        for handler in subscribers[kind]:
            try:
                handler(event, call_for(row.pk, event, handler))
            except Exception as error:  # noqa: BLE001 - whatever it was, the relay goes on
                _failed(row, handler, error)
                return False
    waiting.update(delivered_at=clock.now(), next_try_at=None)
    return True


def call_for(event_id: int, event: Event, handler: Handler) -> Call:
    """Return the call under which `handler` acts on an event: its key is the same at every try."""
    room = handler.__module__.removeprefix("rongqiao.").removesuffix(".handlers")
    return Call(
        actor=f"system:{room}",
        key=f"event:{event_id}:{handler.__name__}",
        at=event.happened_at,
        on=event.happened_on,
    )


def _failed(row: OutboxEvent, handler: Handler, error: Exception) -> None:
    now = clock.now()
    why = f"{handler.__module__}.{handler.__name__}: {type(error).__name__}"
    if row.attempts >= ATTEMPTS:
        OutboxEvent.objects.filter(pk=row.pk).update(parked_at=now, last_error=why)
        _log.exception("event %s (%s) parked: %s", row.pk, row.name, why)
    else:
        pause = timedelta(seconds=2**row.attempts)
        OutboxEvent.objects.filter(pk=row.pk).update(next_try_at=now + pause, last_error=why)
        _log.warning("event %s (%s) will be tried again: %s", row.pk, row.name, why)
