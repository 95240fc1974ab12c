"""Business days: weekends, statutory holidays and the weekend days worked in exchange (调休)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

CONVENTIONS = ("none", "following", "modified_following", "preceding")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that differ from the plain week: days off on weekdays, and weekend days that are worked.

    A day in neither set is a business day from Monday to Friday.
    """

    holidays: frozenset[date]
    make_up_workdays: frozenset[date]

    def is_business_day(self, on: date) -> bool:
        """Return whether banks work on this day."""
        if on.weekday() >= 5:
            return on in self.make_up_workdays
        return on not in self.holidays

    def adjust(self, on: date, convention: str) -> date:
        """Return `on`, or the business day that the convention moves it to.

        `none`, `following`, `preceding`, or `modified_following`, which turns back where following
        would leave the month (ISDA 2006 section 4.12). Raises KeyError for another word, and
        OverflowError at the end of the calendar.
        """
        if convention == "none" or (convention in CONVENTIONS and self.is_business_day(on)):
            return on
        step = {"following": _DAY, "modified_following": _DAY, "preceding": -_DAY}[convention]
        moved = self._nearest(on, step)
        if convention == "modified_following" and moved.month != on.month:
            return self._nearest(on, -_DAY)
        return moved

    def _nearest(self, on: date, step: timedelta) -> date:
        while not self.is_business_day(on):
            on += step
        return on


WEEKENDS_ONLY = Calendar(frozenset(), frozenset())


def calendar_of(rows: Iterable[tuple[date, bool]]) -> Calendar:
    """Return the calendar of these (date, is worked) exceptions from the plain week.

    A later row for the same day corrects an earlier one.
    """
    latest = dict(rows)
    return Calendar(
        holidays=frozenset(on for on, is_worked in latest.items() if not is_worked),
        make_up_workdays=frozenset(on for on, is_worked in latest.items() if is_worked),
    )


def china_rows() -> list[tuple[date, bool]]:
    """Return the committed exceptions of mainland China as (date, is worked), in order of date.

    The file names its source and what is not published yet.
    """
    text = (files("rongqiao.finance.calendars") / "china.json").read_text(encoding="utf-8")
    years = json.loads(text)["years"]
    rows = [
        (date.fromisoformat(on), kind == "make_up_workdays")
        for year in years.values()
        for kind in ("holidays", "make_up_workdays")
        for on in year[kind]
    ]
    return sorted(rows)


@cache
def china() -> Calendar:
    """Return the calendar of mainland China from the committed rows."""
    return calendar_of(china_rows())
