"""Ratings of customers: the one in force, the history, whose review is due."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from rongqiao.finance.money import Money
from rongqiao.risk.laundering.rating import answered_by_officers
from rongqiao.risk.models.laundering.casework import (
    AlertState,
    CaseState,
    CustomerRating,
    LaunderingAlert,
    LaunderingCase,
    RiskLevel,
)
from rongqiao.risk.queries.laundering.opening import plain_of

PAGE = 50
# The kind of alert that asks an officer to look at a rating again.
REVIEW = "rating-review"
# Ratings that the worker gave.
BY_ITSELF = "system:"


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
    """Return the factors that an officer answers, each with its answers and their points."""
    return answered_by_officers()


def list_ratings(
    *,
    level: str = "",
    waiting_on: date | None = None,
    aside: Collection[UUID] = (),
    limit: int = PAGE,
) -> tuple[RatingView, ...]:
    """Return the ratings in force, whose review is due first at the top; answers stay sealed.

    With `waiting_on` those that wait for an officer on that day. Those of the parties in `aside`
    are left out: an officer's own affairs.
    """
    rows = (_in_force() if waiting_on is None else _waiting(waiting_on)).exclude(
        party_id__in=list(aside)
    )
    if level:
        rows = rows.filter(level=level)
    return tuple(_view(row) for row in rows.order_by("review_on", "id")[:limit])


def count_levels() -> dict[str, int]:
    """Return how many customers are rated at each level."""
    counts = dict.fromkeys(("low", "medium", "high"), 0)
    for level in _in_force().values_list("level", flat=True):
        counts[level] += 1
    return counts


def count_waiting(on: date, aside: Collection[UUID] = ()) -> int:
    """Return how many ratings wait for an officer on a day."""
    return _waiting(on).exclude(party_id__in=list(aside)).count()


def due_for_review(on: date) -> list[tuple[UUID, int]]:
    """Return whose review date has come, and the number of the rating in force; in one query."""
    rows = _in_force().filter(review_on__lte=on).order_by("review_on", "id")
    return list(rows.values_list("party_id", "number"))


def history_of(party_id: UUID) -> str:
    """Return the gravest thing that happened with a customer, as an answer of that factor."""
    states = set(LaunderingCase.objects.filter(party_id=party_id).values_list("state", flat=True))
    if CaseState.REPORTED in states:
        return "reported"
    if CaseState.CLOSED in states:
        return "case-closed"
    dismissed = LaunderingAlert.objects.filter(party_id=party_id, state=AlertState.FALSE)
    return "alert-dismissed" if dismissed.exclude(kind=REVIEW).exists() else "clean"


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


def _waiting(on: date) -> QuerySet[CustomerRating]:
    """Return what is past its day, and what the worker rated high without an officer's word."""
    by_itself = Q(level=RiskLevel.HIGH, rated_by__startswith=BY_ITSELF)
    return _in_force().filter(by_itself | Q(review_on__lt=on))


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
