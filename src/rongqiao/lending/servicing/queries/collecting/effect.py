"""What collecting came to: contacts, promises kept, money recovered, by collector and bucket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.collecting import (
    REACHED,
    CollectionContact,
    CollectionRecovery,
    PaymentPromise,
)


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Sums of some cells. `kept` and `broken` are of promises whose day is over or met."""

    contacts: int = 0
    reached: int = 0
    promises: int = 0
    kept: int = 0
    broken: int = 0
    recovered: Money = field(default_factory=Money.zero)

    @property
    def kept_per_myriad(self) -> int | None:
        """Return how many of ten thousand decided promises were kept; None before any was."""
        decided = self.kept + self.broken
        return self.kept * 10_000 // decided if decided else None

    def plus(self, other: Figures) -> Figures:
        """Return both together."""
        return Figures(
            contacts=self.contacts + other.contacts,
            reached=self.reached + other.reached,
            promises=self.promises + other.promises,
            kept=self.kept + other.kept,
            broken=self.broken + other.broken,
            recovered=self.recovered + other.recovered,
        )


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One month, collector (None: in nobody's hands) and bucket."""

    month: date
    collector_id: UUID | None
    bucket: str
    figures: Figures


_KEYS = ("month", "collector_id", "bucket")


def get_effect(first: date, last: date) -> tuple[Cell, ...]:
    """Return every cell with anything in it between two business dates, in three queries.

    A promise counts in the month in which it was made.
    """
    contacts = CollectionContact.objects.filter(on__range=(first, last)).exclude(ended_at=None)
    promises = PaymentPromise.objects.filter(made_on__range=(first, last))
    recoveries = CollectionRecovery.objects.filter(on__range=(first, last))
    found: dict[tuple[Any, ...], Figures] = {}
    for row in (
        contacts.annotate(month=TruncMonth("on"))
        .values(*_KEYS)
        .annotate(all=Count("pk"), met=Count("pk", filter=Q(outcome__in=REACHED)))
    ):
        _add(found, row, Figures(contacts=row["all"], reached=row["met"]))
    for row in (
        promises.annotate(month=TruncMonth("made_on"))
        .values(*_KEYS)
        .annotate(
            all=Count("pk"),
            good=Count("pk", filter=Q(state="kept")),
            bad=Count("pk", filter=Q(state="broken")),
        )
    ):
        _add(found, row, Figures(promises=row["all"], kept=row["good"], broken=row["bad"]))
    for row in (
        recoveries.annotate(month=TruncMonth("on")).values(*_KEYS).annotate(sum=Sum("amount_minor"))
    ):
        _add(found, row, Figures(recovered=Money(row["sum"])))
    return tuple(
        Cell(month=month, collector_id=collector, bucket=bucket, figures=figures)
        for (month, collector, bucket), figures in sorted(
            found.items(), key=lambda one: (one[0][0], str(one[0][1] or ""), one[0][2])
        )
    )


def grouped(cells: tuple[Cell, ...], by: Callable[[Cell], Any]) -> dict[Any, Figures]:
    """Return the sums of cells by what `by` says of them, in the order in which they come."""
    sums: dict[Any, Figures] = {}
    for cell in cells:
        sums[by(cell)] = sums.get(by(cell), Figures()).plus(cell.figures)
    return sums


def _add(found: dict[tuple[Any, ...], Figures], row: dict[str, Any], figures: Figures) -> None:
    key = tuple(row[name] for name in _KEYS)
    found[key] = found.get(key, Figures()).plus(figures)
