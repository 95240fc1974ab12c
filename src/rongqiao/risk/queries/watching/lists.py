"""The black, grey and white lists as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from rongqiao.risk.models.fraud import STANDINGS, ListEntry

PAGE = 50
LISTS = STANDINGS


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """An entry: its value only as a hint. `state` also `expired`, once its day has passed."""

    id: UUID
    standing: str
    kind: str
    index: str
    hint: str
    reason: str
    from_on: date
    until_on: date
    state: str
    added_by: str
    added_at: datetime
    decided_by: str
    ended_by: str
    ended_because: str


def list_entries(
    on: date, standing: str = "", state: str = "", skipping: int = 0, limit: int = PAGE
) -> tuple[EntryView, ...]:
    """Return entries, newest first."""
    rows = _filtered(on, standing, state).order_by("-added_at", "-id")
    return tuple(_view(row, on) for row in rows[skipping : skipping + limit])


def count_entries(on: date, standing: str = "", state: str = "") -> int:
    """Return how many entries `list_entries` has in all."""
    return _filtered(on, standing, state).count()


def entries_with(kind: str, index: str, on: date) -> tuple[EntryView, ...]:
    """Return every entry of one attribute, newest first."""
    rows = ListEntry.objects.filter(kind=kind, index=bytes.fromhex(index))
    return tuple(_view(row, on) for row in rows.order_by("-added_at", "-id"))


def _filtered(on: date, standing: str, state: str) -> QuerySet[ListEntry]:
    rows = ListEntry.objects.all()
    if standing:
        rows = rows.filter(standing=standing)
    is_over = Q(state="in-force", until_on__lt=on)
    if state == "expired":
        return rows.filter(is_over)
    if state:
        return rows.filter(state=state).exclude(is_over)
    return rows


def _view(row: ListEntry, on: date) -> EntryView:
    is_over = row.state == "in-force" and row.until_on < on
    return EntryView(
        id=row.pk,
        standing=row.standing,
        kind=row.kind,
        index=bytes(row.index).hex(),
        hint=row.hint,
        reason=row.reason,
        from_on=row.from_on,
        until_on=row.until_on,
        state="expired" if is_over else row.state,
        added_by=row.added_by,
        added_at=row.added_at,
        decided_by=row.decided_by,
        ended_by=row.ended_by,
        ended_because=row.ended_because,
    )
