"""How long a case may wait for an officer, as dated data, and when that time is over.

Time is counted in business days: a case that came on a day is due at the closing hour of the n-th
business day after it, in Chinese time. What came on a day off came on the next business day.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from rongqiao.finance.calendars.business_days import Calendar

CHINA = ZoneInfo("Asia/Shanghai")
STAGES = ("referred", "recommended", "asked")
_DAY = timedelta(days=1)


class NoReviewTimes(LookupError):
    """No review times were in force on the date."""


@dataclass(frozen=True, kw_only=True)
class ReviewTimes:
    """One version: business days by stage, calendar days for documents, the hour a day closes."""

    label: str
    in_force_from: date
    closing_hour: int
    business_days: tuple[tuple[str, int], ...]
    document_days_fewest: int
    document_days_usual: int
    document_days_most: int

    def days_of(self, stage: str) -> int:
        """Return the business days a case may wait in a stage. Raises KeyError for another word."""
        return dict(self.business_days)[stage]


def times_on(on: date) -> ReviewTimes:
    """Return the review times in force on a date; raises NoReviewTimes."""
    in_force = [one for one in _versions() if one.in_force_from <= on]
    if not in_force:
        raise NoReviewTimes(f"no review times on {on}")
    return in_force[-1]


def due_at(since: datetime, stage: str, times: ReviewTimes, calendar: Calendar) -> datetime:
    """Return when a case that waits in `stage` since an instant (UTC) should be decided."""
    on = calendar.adjust(since.astimezone(CHINA).date(), "following")
    for _count in range(times.days_of(stage)):
        on = calendar.adjust(on + _DAY, "following")
    return datetime.combine(on, time(times.closing_hour), CHINA).astimezone(UTC)


@cache
def _versions() -> tuple[ReviewTimes, ...]:
    path = files("rongqiao.policies.credit").joinpath("review_times.json")
    rows = json.loads(path.read_text("utf-8"))["versions"]
    found = (
        ReviewTimes(
            label=row["label"],
            in_force_from=date.fromisoformat(row["from"]),
            closing_hour=row["closing_hour"],
            business_days=tuple(row["stages"].items()),
            document_days_fewest=row["documents"]["fewest"],
            document_days_usual=row["documents"]["usual"],
            document_days_most=row["documents"]["most"],
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda one: one.in_force_from))
