"""Estimators of a portfolio's behaviour from its months. Pure; shares are exact fractions.

Vintage: share of what was lent in a month that was ever 30 (90) days past due, by months on book.
Roll rates: share that moved from one bucket to another within a month, pooled over months, which
is the maximum-likelihood estimate of a Markov chain's transition matrix. Prepayment: SMM is what
was repaid beyond the plan over what the plan left to be owed, CPR = 1 - (1 - SMM)^12.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from rongqiao.insight.reporting.queries.cohorts import (
    STANDING,
    Cohort,
    Earned,
    Place,
    months_between,
)


class Measure(StrEnum):
    """What is counted: loans, or the fen lent or owed."""

    LOANS = "loans"
    AMOUNT = "amount"


@dataclass(frozen=True, kw_only=True)
class Vintage:
    """What was lent in one month: `shares[k]` went bad within `k` months after that month."""

    lent_in: date
    loans: int
    lent: int
    shares: tuple[Fraction, ...]


@dataclass(frozen=True, kw_only=True)
class Rolled:
    """From one place: how many loans (or fen) were seen there, and the share that went to each."""

    was: Place
    seen: int
    shares: dict[Place, Fraction]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What was owed at a month's end, by place, in fen or loans."""

    on: date
    by_place: dict[Place, int]

    @property
    def total(self) -> int:
        """All places together."""
        return sum(self.by_place.values())

    def share_from(self, place: Place) -> Fraction:
        """Return the share that stands at `place` or worse."""
        bad = sum(count for where, count in self.by_place.items() if where >= place)
        return Fraction(bad, self.total) if self.total else Fraction(0)


@dataclass(frozen=True, kw_only=True)
class Prepaid:
    """One month's prepayment: fen prepaid, fen that could have been, and both yearly measures."""

    on: date
    prepaid: int
    planned: int

    @property
    def smm(self) -> Fraction:
        """Single monthly mortality."""
        return Fraction(self.prepaid, self.planned) if self.planned else Fraction(0)

    @property
    def cpr(self) -> Fraction:
        """Conditional prepayment rate: the month's rate kept up for a year."""
        return 1 - (1 - self.smm) ** 12


@dataclass(frozen=True, kw_only=True)
class Yield:
    """One month's earnings over the mean of what was owed at its ends, as a year's simple rate."""

    on: date
    earned: int
    mean_owed: Fraction

    @property
    def annual(self) -> Fraction:
        """Twelve times the month's."""
        return 12 * Fraction(self.earned) / self.mean_owed if self.mean_owed else Fraction(0)


def vintages(
    cohorts: Iterable[Cohort], *, days: int = 30, measure: Measure = Measure.LOANS
) -> tuple[Vintage, ...]:
    """Return a curve for every month of lending, oldest first. `days` is 30 or 90.

    A month whose lending was not seen from its start has no curve: its denominator is unknown.
    """
    lent: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    bad: dict[date, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    last: dict[date, int] = {}
    unseen = set()
    for one in cohorts:
        age = months_between(one.lent_in, one.on)
        last[one.lent_in] = max(last.get(one.lent_in, 0), age)
        if one.was is None:
            lent[one.lent_in][0] += one.loans
            lent[one.lent_in][1] += one.lent
        elif one.was < 0:
            unseen.add(one.lent_in)
        bad[one.lent_in][age] += _reached(one, days, measure)
    made = []
    for month in sorted(set(lent) - unseen):
        loans, amount = lent[month]
        whole = loans if measure is Measure.LOANS else amount
        so_far, shares = 0, []
        for age in range(last[month] + 1):
            so_far += bad[month][age]
            shares.append(Fraction(so_far, whole))
        made.append(Vintage(lent_in=month, loans=loans, lent=amount, shares=tuple(shares)))
    return tuple(made)


def _reached(one: Cohort, days: int, measure: Measure) -> int:
    if measure is Measure.LOANS:
        return one.reached_30 if days == 30 else one.reached_90
    return one.reached_30_lent if days == 30 else one.reached_90_lent


def roll_rates(
    cohorts: Iterable[Cohort], *, measure: Measure = Measure.LOANS
) -> tuple[Rolled, ...]:
    """Return a row for every bucket that a loan can stand in; its shares sum to 1 or are none.

    Amounts are those owed before the month, so that what is paid off within it counts in full.
    """
    moved: dict[Place, dict[Place, int]] = {place: defaultdict(int) for place in STANDING}
    for one in cohorts:
        if one.was is not None and one.was >= 0:
            weight = one.loans if measure is Measure.LOANS else one.before
            moved[Place(one.was)][Place(one.now)] += weight
    rows = []
    for was, to in moved.items():
        seen = sum(to.values())
        shares = {place: Fraction(to[place], seen) for place in Place} if seen else {}
        rows.append(Rolled(was=was, seen=seen, shares=shares))
    return tuple(rows)


def standings(
    cohorts: Iterable[Cohort], *, measure: Measure = Measure.AMOUNT
) -> tuple[Standing, ...]:
    """Return what stood in each bucket at every month's end, oldest first."""
    months: dict[date, dict[Place, int]] = defaultdict(lambda: dict.fromkeys(STANDING, 0))
    for one in cohorts:
        by_place = months[one.on]
        if one.now in by_place:
            by_place[Place(one.now)] += one.loans if measure is Measure.LOANS else one.left
    return tuple(Standing(on=on, by_place=months[on]) for on in sorted(months))


def prepayments(cohorts: Iterable[Cohort]) -> tuple[Prepaid, ...]:
    """Return each month's prepayment, oldest first; a loan's first month and losses are left out.

    Prepayment is counted loan by loan: arrears of one do not hide what another paid ahead.
    """
    months: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    for one in cohorts:
        if one.was is None or one.was < 0 or one.now == Place.LOST:
            continue
        month = months[one.on]
        month[0] += one.prepaid
        month[1] += max(0, one.before - one.expected)
    return tuple(
        Prepaid(on=on, prepaid=prepaid, planned=planned)
        for on, (prepaid, planned) in sorted(months.items())
    )


def yields(cohorts: Sequence[Cohort], earned: Iterable[Earned]) -> tuple[Yield, ...]:
    """Return each month's yield, oldest first; a month without income yields nothing."""
    before: dict[date, int] = defaultdict(int)
    after: dict[date, int] = defaultdict(int)
    for one in cohorts:
        before[one.on] += one.before
        after[one.on] += one.left if one.now in STANDING else 0
    income: dict[date, int] = defaultdict(int)
    for month in earned:
        income[month.on] += month.interest + month.penalty + month.fee
    return tuple(
        Yield(on=on, earned=income[on], mean_owed=Fraction(before[on] + after[on], 2))
        for on in sorted(after)
    )
