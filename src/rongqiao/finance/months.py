"""Steps of whole months, where a day that does not exist becomes the last of its month."""

from __future__ import annotations

from calendar import isleap
from datetime import date

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def last_day_of_month(year: int, month: int) -> int:
    """Return the number of days of this month."""
    return 29 if month == 2 and isleap(year) else _LENGTHS[month - 1]


def add_months(start: date, months: int, day: int = 0) -> date:
    """Return the date `months` later (or earlier), clamped to the end of its month.

    `day` is the day of the month that is meant where `start` was itself clamped: a run from the
    31st has day 31 in every month. Raises OverflowError outside years 1 to 9999.
    """
    years, month = divmod(start.month - 1 + months, 12)
    year = start.year + years
    if not 1 <= year <= 9999:
        raise OverflowError(f"{months} months from {start} is outside years 1 to 9999")
    month += 1
    meant = day or start.day
    # Most days exist in every month; a schedule asks a hundred thousand times a second.
    return date(year, month, meant if meant < 29 else min(meant, last_day_of_month(year, month)))
