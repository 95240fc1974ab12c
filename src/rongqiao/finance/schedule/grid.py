"""The dates on which instalments fall due."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from rongqiao.finance.calendars.business_days import china
from rongqiao.finance.months import add_months, last_day_of_month
from rongqiao.finance.schedule.terms import (
    BadTerms,
    BusinessDays,
    Every,
    Method,
    MonthEnd,
    Terms,
)

# Months, days and the month-end rule from one due date to the next: hashed in no time.
Pace = tuple[int, int, str]

_DAY = timedelta(days=1)
# Longer grids are rare and heavy: they are not worth remembering.
_LONGEST_KEPT = 360


class Grid(NamedTuple):
    """Due dates as counted, and as moved to business days (the same tuple where none moved)."""

    counted: tuple[date, ...]
    moved: tuple[date, ...]


def grid(terms: Terms, count: int) -> Grid:
    """Return the due dates of the first `count` instalments, in strictly rising order.

    Raises BadTerms where the calendar ends, or where two dates move onto one business day.
    """
    if terms.method is Method.BULLET:
        counted = _bullet_due(terms)
    else:
        pace = pace_of(terms.every, terms.month_end)
        counted = whole_grid(terms.start, terms.first_due, pace, count)
    if terms.business_days is BusinessDays.NONE:
        return Grid(counted, counted)
    return Grid(counted, _moved(terms, counted))


def pace_of(every: Every, month_end: MonthEnd) -> Pace:
    """Return what places one due date after another, in plain values."""
    return every.months, every.days, str(month_end)


def whole_grid(start: date, first_due: date | None, pace: Pace, count: int) -> tuple[date, ...]:
    """Return `count` due dates, not moved to business days.

    Raises BadTerms where they run past the year 9999.
    """
    if count <= _LONGEST_KEPT:
        return _kept_grid(start, first_due, pace, count)
    return _new_grid(start, first_due, pace, count)


def _bullet_due(terms: Terms) -> tuple[date, ...]:
    assert terms.terms is not None
    anchor, periods = terms.start, terms.terms
    if terms.first_due is not None:
        anchor, periods = terms.first_due, terms.terms - 1
    if periods == 0:
        return (anchor,)
    months, days, month_end = pace_of(terms.every, terms.month_end)
    return _new_grid(anchor, None, (months * periods, days * periods, month_end), 1)


def _new_grid(start: date, first_due: date | None, pace: Pace, count: int) -> tuple[date, ...]:
    anchor, before = (start, ()) if first_due is None else (first_due, (first_due,))
    months, days, month_end = pace
    left = range(1, count + 1 - len(before))
    try:
        if months:
            later = [_month_date(anchor, k * months, month_end) for k in left]
        else:
            later = [anchor + k * days * _DAY for k in left]
    except OverflowError:
        raise BadTerms("terms", count, "as many as end before the year 10000") from None
    return (*before, *later)


_kept_grid = lru_cache(maxsize=1024)(_new_grid)


def _month_date(anchor: date, months: int, month_end: str) -> date:
    due = add_months(anchor, months)
    if month_end == "last_day":
        return due.replace(day=last_day_of_month(due.year, due.month))
    if month_end == "next_month" and due.day < anchor.day:
        return due + _DAY
    return due


def _moved(terms: Terms, counted: tuple[date, ...]) -> tuple[date, ...]:
    adjust, convention = china().adjust, terms.business_days.value
    try:
        moved = tuple(adjust(due, convention) for due in counted)
    except OverflowError:
        raise BadTerms("terms", len(counted), "as many as end before the year 10000") from None
    before = terms.start
    for due in moved:
        if due <= before:
            allowed = "none, or a longer period: two dates would fall on one day"
            raise BadTerms("business_days", f"{convention} with {due} twice", allowed)
        before = due
    return moved
