"""Cash flows with their moments: on dates, or so many days after the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from rongqiao.finance.months import add_months, last_day_of_month

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
DAYS_OF = {"day": 1, "week": 7}
UNITS = ("month", "day", "week", "quarter", "year", "half_month")
HALF_MONTH_DAYS = 15


@dataclass(frozen=True, slots=True)
class Every:
    """An interval: `count` times `unit`, one of UNITS."""

    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class Flow:
    """`amount` fen on a date; `day` is the day of the month meant where `on` was clamped to it."""

    on: date
    amount: int
    day: int


@dataclass(frozen=True, slots=True)
class TimedFlow:
    """`amount` fen so many days, whole or not, after the first flow."""

    days: Fraction
    amount: int


@dataclass(frozen=True, slots=True)
class Run:
    """`count` equal flows of `amount` fen, the first on `first`, then `every` interval."""

    first: date
    every: Every
    count: int
    amount: int

    def flows(self) -> list[Flow]:
        """Return its flows; raises OverflowError past year 9999."""
        return [
            Flow(on, self.amount, day) for on, day in _steps(self.first, self.every, self.count)
        ]


def _steps(first: date, every: Every, count: int) -> list[tuple[date, int]]:
    if every.unit in DAYS_OF:
        step = timedelta(days=DAYS_OF[every.unit] * every.count)
        return [(first + step * number, (first + step * number).day) for number in range(count)]
    if every.unit in MONTHS_OF:
        months = MONTHS_OF[every.unit] * every.count
        return [(add_months(first, months * number), first.day) for number in range(count)]
    # The given day and the day 15 later, in turn: two runs of whole months, interlaced.
    second = first + timedelta(days=HALF_MONTH_DAYS)
    turns = (divmod(number * every.count, 2) for number in range(count))
    starts = ((second if odd else first, months) for months, odd in turns)
    return [(add_months(start, months), start.day) for start, months in starts]


def flows_of(dated: Sequence[tuple[date, int]], runs: Sequence[Run] = ()) -> list[Flow]:
    """Return single (date, fen) flows and those of runs together, the earliest first.

    A single date at the end of a short month stands for the day that month does not have, where
    the first flow or all the single flows after it are on that day (Regulation Z, appendix J
    (b)(3): a series on the last day, the 29th or 30th of each month).
    """
    if not dated and not runs:
        return []
    laid = [flow for run in runs for flow in run.flows()]
    origin = min([on for on, _ in dated] + [flow.on for flow in laid])
    later = [on for on, _ in dated if on != origin]
    series = _series_day(origin, later)
    single = [
        Flow(on, amount, series if on != origin and _stands_for(on, series) else on.day)
        for on, amount in dated
    ]
    return sorted(single + laid, key=lambda flow: flow.on)


def _series_day(origin: date, later: Sequence[date]) -> int:
    """Return the day of the month that all later dates stand for, else the origin's own."""
    latest = max((on.day for on in later), default=0)
    for day in (max(latest, origin.day), latest):
        if all(_stands_for(on, day) for on in later):
            return day
    return origin.day


def _stands_for(on: date, day: int) -> bool:
    return on.day == min(day, last_day_of_month(on.year, on.month))


def months_back(origin: date, flow: Flow) -> tuple[int, int]:
    """Return (whole calendar months counted back from the flow, days left to `origin`)."""
    on = flow.on
    months = (on.year - origin.year) * 12 + on.month - origin.month
    reached = add_months(on, -months, flow.day) if months else on
    if reached < origin:
        months -= 1
        reached = add_months(on, -months, flow.day) if months else on
    return months, (reached - origin).days
