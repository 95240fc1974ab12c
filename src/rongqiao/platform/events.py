"""Publish facts in the same transaction as the change they tell of; the relay delivers them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongqiao.platform.models import OutboxEvent
from rongqiao.platform.operations import canonical, inside_operation


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact in the past tense: ids and plain values. `subject` orders it among its siblings."""

    name: ClassVar[str]
    happened_at: datetime
    happened_on: date

    @property
    def subject(self) -> str:
        """Facts of one subject are delivered in the order they were told; override it."""
        return self.name


def publish(event: Event) -> None:
    """Put `event` in the outbox, inside the caller's operation."""
    publish_all([event])


def publish_all(events: Iterable[Event]) -> None:
    """Put `events` in the outbox in their order, inside the caller's operation."""
    assert inside_operation(), "published outside an operation"
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            name=event.name,
            subject=event.subject,
            payload=json.loads(canonical(event)),
            published_at=event.happened_at,
        )
        for event in events
    )
