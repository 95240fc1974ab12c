"""What the estimators are made of: one cohort's move in one month, and one month's earnings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Place(IntEnum):
    """Where a loan stands at a month's end, or how it left; as servicing keeps it."""

    CURRENT = 0
    LATE_1 = 1
    LATE_30 = 2
    LATE_60 = 3
    LATE_90 = 4
    PAID = 5
    LOST = 6


STANDING = (Place.CURRENT, Place.LATE_1, Place.LATE_30, Place.LATE_60, Place.LATE_90)


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """Loans lent in the month `lent_in` that moved from `was` to `now` in the month ended `on`.

    `was` is None for a loan's first month and -1 where the month before was not kept. Amounts in
    fen: lent at first, owed at either end, expected to be repaid between them, and repaid beyond
    that; `reached_*` count loans that were that many days past due for the first time.
    """

    on: date
    lent_in: date
    was: int | None
    now: int
    loans: int
    lent: int
    before: int
    expected: int
    left: int
    prepaid: int
    reached_30: int
    reached_30_lent: int
    reached_90: int
    reached_90_lent: int


@dataclass(frozen=True, kw_only=True)
class Earned:
    """Income of the month that ended on `on`, in fen."""

    on: date
    interest: int
    penalty: int
    fee: int


def months_between(start: date, end: date) -> int:
    """Return whole calendar months from the month of `start` to that of `end`."""
    return (end.year - start.year) * 12 + end.month - start.month
