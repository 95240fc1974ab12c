"""How often something happened lately: counts over the last hour, day, week and month."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum


class Window(StrEnum):
    """How far back is counted."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


SPANS = {
    Window.HOUR: timedelta(hours=1),
    Window.DAY: timedelta(days=1),
    Window.WEEK: timedelta(days=7),
    Window.MONTH: timedelta(days=30),
}
LONGEST = SPANS[Window.MONTH]


def counts(times: Sequence[datetime], at: datetime) -> dict[Window, int]:
    """Return how many of `times` (in order) lie in each window that ends at `at`.

    A window is open at its old end and closed at `at`; what is later than `at` is not counted.
    """
    upto = bisect_right(times, at)
    return {
        window: upto - bisect_right(times, at - span, hi=upto) for window, span in SPANS.items()
    }


def by_day(times: Sequence[datetime], at: datetime, days: int = 30) -> list[int]:
    """Return counts of the last `days` spans of 24 hours, oldest first, the last ending at `at`."""
    found = [0] * days
    for one in times:
        back = (at - one) // timedelta(days=1)
        if one <= at and back < days:
            found[days - 1 - back] += 1
    return found
