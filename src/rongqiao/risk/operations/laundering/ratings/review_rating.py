"""Rate a customer anew on the day of review, from what is known; high goes to an officer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.laundering.rating import HIGH, Rated, factors, rate
from rongqiao.risk.operations.laundering.raising import Raise, raise_alerts
from rongqiao.risk.operations.laundering.ratings.writing import known_answers, write_rating
from rongqiao.risk.queries.laundering.ratings import REVIEW, RatingView, history_of, ratings_of


@dataclass(frozen=True, kw_only=True)
class ReviewRating:
    """Whose rating is due."""

    party_id: UUID


@dataclass(frozen=True, kw_only=True)
class RatingReviewed:
    """Whether it was due. How it came out stands behind the wall, not on record here."""

    was_due: bool


@operation("risk.laundering.review_rating", restore=RatingReviewed)
def review_rating(command: ReviewRating, call: Call) -> RatingReviewed:
    """Rate by the table in force, with the gravest thing that happened since; keep the rest.

    A high level raises an alert: whether it stays so is an officer's to say. Who was never rated,
    or is not due, is left alone.
    """
    last = next(iter(ratings_of(command.party_id)), None)
    if last is None or last.review_on > call.on:
        return RatingReviewed(was_due=False)
    answers = {**last.answers, **known_answers(command.party_id, call.on)}
    points = factors()["history"]
    answers["history"] = max(
        answers["history"], history_of(command.party_id), key=lambda word: points[word]
    )
    rated = rate(answers, call.on)
    income = None if last.income is None else last.income.minor
    write_rating(command.party_id, rated, answers, income, call)
    if rated.level == HIGH:
        raise_alerts([to_an_officer(last, rated)], call)
    return RatingReviewed(was_due=True)


def to_an_officer(last: RatingView, rated: Rated, why: str = "review") -> Raise:
    """Return the alert that lets an officer look at a rating; `why` is `review` or `owners`."""
    return Raise(
        party_id=last.party_id,
        kind=REVIEW,
        score=min(rated.points, 100) / 100,
        evidence={
            "why": why,
            "facts": {"before": last.level, "level": rated.level, "points": str(rated.points)},
        },
        basis=f"after rating {last.number}",
    )
