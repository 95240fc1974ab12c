"""Ratings of customers: the one in force, the history, whose review is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, OuterRef, QuerySet, Subquery

from rongqiao.finance.money import Money
from rongqiao.risk.laundering.rating import factors as _factors
from rongqiao.risk.models.laundering.casework import CustomerRating
from rongqiao.risk.queries.laundering.opening import plain_of

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class RatingView:
    """A rating; `parts` are factor and points, `answers` and `income` opened where asked for."""

    party_id: UUID
    number: int
    level: str
    points: int
    parts: tuple[tuple[str, int], ...]
    rated_by: str
    rated_at: datetime
    review_on: date
    version: str
    answers: dict[str, str]
    income: Money | None


def factors() -> dict[str, dict[str, int]]:
    """Return the factors of the table in force, each with its answers and their points."""
    return _factors()


def list_ratings(
    *, level: str = "", aside: Collection[UUID] = (), limit: int = PAGE
) -> tuple[RatingView, ...]:
    """Return the ratings in force, whose review is due first at the top; answers stay sealed.

    Those of the parties in `aside` are left out: an officer's own affairs.
    """
    rows = _in_force().exclude(party_id__in=list(aside))
    if level:
        rows = rows.filter(level=level)
    return tuple(_view(row) for row in rows.order_by("review_on", "id")[:limit])


def count_levels() -> dict[str, int]:
    """Return how many customers are rated at each level."""
    counts = dict.fromkeys(("low", "medium", "high"), 0)
    for level in _in_force().values_list("level", flat=True):
        counts[level] += 1
    return counts


def ratings_of(party_id: UUID) -> tuple[RatingView, ...]:
    """Return a party's ratings in full, newest first."""
    rows = CustomerRating.objects.filter(party_id=party_id).order_by("-number")
    return tuple(_view(row, opened=True) for row in rows[:PAGE])


def incomes_of(party_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the stated monthly incomes in fen of those who stated one, in one query."""
    found = {}
    for row in _in_force().filter(party_id__in=list(party_ids)):
        _answers, income = _facts(row)
        if income is not None:
            found[row.party_id] = income
    return found


def _in_force() -> QuerySet[CustomerRating]:
    last = CustomerRating.objects.filter(party_id=OuterRef("party_id")).order_by("-number")
    return CustomerRating.objects.annotate(last=Subquery(last.values("number")[:1])).filter(
        number=F("last")
    )


def _view(row: CustomerRating, *, opened: bool = False) -> RatingView:
    answers, income = _facts(row) if opened else ({}, None)
    return RatingView(
        party_id=row.party_id,
        number=row.number,
        level=row.level,
        points=row.points,
        parts=tuple((factor, points) for factor, points in row.parts),
        rated_by=row.rated_by,
        rated_at=row.rated_at,
        review_on=row.review_on,
        version=row.version,
        answers=answers,
        income=None if income is None else Money(income),
    )


def _facts(row: CustomerRating) -> tuple[dict[str, str], int | None]:
    """Return the answers, and the stated income a month in fen."""
    said = plain_of(row.facts_sealed, "customerrating", "facts_sealed", row.pk)
    return dict(said["answers"]), said["income_minor"]
