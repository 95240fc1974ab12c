"""What each period earns: the year fraction between two due dates and the rate in force."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from rongqiao.finance.daycount import Ratio, icma_ratio, ratio
from rongqiao.finance.schedule.grid import Grid, grid, pace_of, whole_grid
from rongqiao.finance.schedule.terms import CountDays, Method, Terms

_DAY = timedelta(days=1)
# Bases whose year length itself depends on the day that is added.
_BY_THE_CALENDAR = {"act/act_isda", "act/act_afb", "act/act_year"}
# A day of `act/365.25` is 4 of 1461.
_ONE_DAY = {"act/365.25": 4}


class Periods(NamedTuple):
    """One entry for each row: when it begins, falls due, and what it earns.

    `fractions` are years as (numerator, denominator); `rates` the annual rate in force on `from`,
    likewise; `segments` rises by one where a step changes the rate.
    """

    starts: tuple[date, ...]
    dues: tuple[date, ...]
    fractions: list[Ratio]
    rates: list[Ratio]
    segments: list[int]

    def growth(self, row: int, at_rate_of: int) -> Ratio:
        """Return interest of `row` on one unit, at the rate in force in row `at_rate_of`."""
        fraction, rate = self.fractions[row], self.rates[at_rate_of]
        return fraction[0] * rate[0], fraction[1] * rate[1]


def periods(terms: Terms, count: int) -> Periods:
    """Return the first `count` periods. Raises BadTerms where the dates cannot be."""
    dates = grid(terms, count)
    starts = (terms.start, *dates.moved[:-1])
    changes = [step.from_on for step in terms.steps]
    annual = [terms.rate_annual, *(step.rate_annual for step in terms.steps)]
    pairs = [(rate.numerator, rate.denominator) for rate in annual]
    segments = [bisect_right(changes, start) for start in starts] if changes else [0] * count
    fractions = _fractions(terms, dates)
    return Periods(starts, dates.moved, fractions, [pairs[k] for k in segments], segments)


def _fractions(terms: Terms, dates: Grid) -> list[Ratio]:
    if terms.day_count == "1/1":
        return [(1, 1)] * len(dates.moved)
    if terms.every.months and terms.day_count in ("30/360", "act/act_icma"):
        return _by_months(terms, dates)
    by_days = zip((terms.start, *dates.moved[:-1]), dates.moved, strict=True)
    return [_by_days(terms, start, due) for start, due in by_days]


def _by_months(terms: Terms, dates: Grid) -> list[Ratio]:
    """Whole periods count their months (contract, rule 3; ICMA rule 251).

    A business-day move leaves a 30/360 period whole; an ICMA period earns its actual days.
    """
    months = terms.every.months
    if terms.method is Method.BULLET and terms.terms:
        months *= terms.terms
    if terms.day_count == "30/360":
        fractions = [(months, 12)] * len(dates.moved)
    else:
        counted = [(due - start).days for start, due in pairwise((terms.start, *dates.counted))]
        extra = terms.count_days is CountDays.INCLUDE_BOTH
        moved = [(due - start).days + extra for start, due in pairwise((terms.start, *dates.moved))]
        fractions = [(months * own, 12 * whole) for own, whole in zip(moved, counted, strict=True)]
    if _is_first_irregular(terms):
        fractions[0] = _by_days(terms, terms.start, dates.moved[0])
    return fractions


def _is_first_irregular(terms: Terms) -> bool:
    if terms.first_due is None:
        return False
    pace = pace_of(terms.every, terms.month_end)
    return whole_grid(terms.start, None, pace, 1)[0] != terms.first_due


def _by_days(terms: Terms, start: date, due: date) -> Ratio:
    extra = terms.count_days is CountDays.INCLUDE_BOTH
    basis = terms.day_count
    if basis == "act/act_icma":
        top, bottom = icma_ratio(start, due, terms.every.unit.value, terms.every.count)
        days = (due - start).days
        return top * (days + extra), bottom * days
    if not extra:
        return ratio(basis, start, due)
    if basis in _BY_THE_CALENDAR:
        return ratio(basis, start, due + _DAY)
    top, bottom = ratio(basis, start, due)
    return top + _ONE_DAY.get(basis, 1), bottom
