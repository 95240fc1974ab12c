"""A ledger of loans that roll by a transition matrix known beforehand; the same seed, the same."""

import random
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from rongqiao.insight.reporting.queries.cohorts import STANDING, Cohort, Place, months_between

# A month's chances from each bucket; what is left over of a row stays out of it.
MATRIX = {
    Place.CURRENT: {Place.CURRENT: 0.92, Place.LATE_1: 0.05, Place.PAID: 0.03},
    Place.LATE_1: {Place.CURRENT: 0.55, Place.LATE_1: 0.15, Place.LATE_30: 0.28, Place.PAID: 0.02},
    Place.LATE_30: {Place.CURRENT: 0.20, Place.LATE_1: 0.10, Place.LATE_60: 0.70},
    Place.LATE_60: {Place.CURRENT: 0.10, Place.LATE_30: 0.05, Place.LATE_90: 0.85},
    Place.LATE_90: {Place.CURRENT: 0.03, Place.LATE_90: 0.87, Place.LOST: 0.10},
}
# Of a loan that stays in its bucket or mends: the chance to pay ahead, and the share of it paid.
AHEAD, AHEAD_SHARE, PLANNED_SHARE = 0.10, 0.20, 0.02
LENT = 1_200_000


@dataclass(frozen=True)
class LoanAt:
    """A loan at a month's end, as servicing keeps it."""

    loan_id: UUID
    on: date
    product: str
    lent_in: date
    place: Place
    worst: int
    owed: int
    expected: int


def month_end(first):
    return (first.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def simulate(seed, *, loans, months, start=date(2023, 1, 1), lending_months=6):
    """Return every loan's months, in the order of months; `loans` are lent in each of the first."""
    draw = random.Random(seed)
    alive, kept, first = [], [], start
    for number in range(months):
        on = month_end(first)
        alive = [after for one in alive if (after := _step(one, on, draw)).on == on]
        if number < lending_months:
            for index in range(loans):
                loan_id = UUID(int=number * 10**6 + index + 1)
                alive.append(LoanAt(loan_id, on, "p", first, Place.CURRENT, 0, LENT, _plan(LENT)))
        kept.extend(alive)
        alive = [one for one in alive if one.place in STANDING]
        first = on + timedelta(days=1)
    return kept


def _plan(owed):
    return int(owed * PLANNED_SHARE)


def _step(one, on, draw):
    to = MATRIX[one.place]
    (place,) = draw.choices(list(to), list(to.values()))
    owed = one.owed
    if place is Place.CURRENT:
        owed -= one.expected
        if draw.random() < AHEAD:
            owed -= int((one.owed - one.expected) * AHEAD_SHARE)
    elif place is Place.PAID:
        owed = 0
    worst = max(one.worst, 2 if place == Place.LATE_90 else int(Place.LATE_30 <= place <= 3))
    return replace(one, on=on, place=place, owed=owed, worst=worst, expected=_plan(owed))


def summed_up(kept):
    """Return the cohorts of a ledger: the plain way, loan by loan."""
    before = {(one.loan_id, one.on): one for one in kept}
    cells = defaultdict(lambda: dict.fromkeys(NAMES, 0))
    for one in kept:
        was = before.get((one.loan_id, one.on.replace(day=1) - timedelta(days=1)))
        cell = cells[one.on, one.lent_in, was.place if was else None, one.place]
        cell["loans"] += 1
        cell["lent"] += LENT
        cell["left"] += one.owed
        if was:
            cell["before"] += was.owed
            cell["expected"] += was.expected
            if one.place is not Place.LOST:
                cell["prepaid"] += max(0, was.owed - one.owed - was.expected)
        for name, worst in (("reached_30", 1), ("reached_90", 2)):
            if one.worst >= worst and (was is None or was.worst < worst):
                cell[name] += 1
                cell[f"{name}_lent"] += LENT
    return [
        Cohort(on=on, lent_in=lent_in, was=None if was is None else int(was), now=int(now), **sums)
        for (on, lent_in, was, now), sums in cells.items()
    ]


def ever(days, age):
    """Return the chance, by the matrix, to have been `days` past due within `age` months."""
    bad = {Place.LATE_30, Place.LATE_60, Place.LATE_90} if days == 30 else {Place.LATE_90}
    chance, reached = {Place.CURRENT: 1.0}, 0.0
    for _month in range(age):
        after = defaultdict(float)
        for place, share in chance.items():
            for to, rate in MATRIX.get(place, {}).items():
                if to in bad:
                    reached += share * rate
                elif to in STANDING:
                    after[to] += share * rate
        chance = after
    return reached


NAMES = (
    "loans",
    "lent",
    "before",
    "expected",
    "left",
    "prepaid",
    "reached_30",
    "reached_30_lent",
    "reached_90",
    "reached_90_lent",
)
assert months_between(date(2023, 1, 1), date(2024, 2, 29)) == 13
