"""The one place that reads the machine's time, and the one that tells the business date.

Two clocks: the wall clock (UTC, for records) and the business date (for money), which only end of
day moves. Tests and simulations put a `VirtualClock` in place of the machine's.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from rongqiao.platform.models import BusinessDate

if TYPE_CHECKING:
    from collections.abc import Iterator

CHINA = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Anything that tells an instant."""

    def now(self) -> datetime:
        """Return an aware UTC instant."""


class MachineClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """Return the machine's instant in UTC."""
        return datetime.now(UTC)


@dataclass
class VirtualClock:
    """A clock that moves only when told; a year passes in a test."""

    instant: datetime

    def now(self) -> datetime:
        """Return the instant it was last set to."""
        return self.instant

    def move(self, step: timedelta) -> None:
        """Go forward by `step`."""
        self.instant += step


_clock: list[Clock] = [MachineClock()]


def now() -> datetime:
    """Return the present instant (UTC) of the clock in use."""
    return _clock[-1].now()


@contextmanager
def running_on(clock: Clock) -> Iterator[None]:
    """Put `clock` in place of the machine's, process-wide, for the length of the block."""
    _clock.append(clock)
    try:
        yield
    finally:
        _clock.remove(clock)


def calendar_date() -> date:
    """Return today's date in China by the clock in use; not the business date."""
    return now().astimezone(CHINA).date()


def is_over(day: date, at: datetime) -> bool:
    """Tell whether a day of China's calendar had ended at an instant."""
    return at.astimezone(CHINA).date() > day


def business_date() -> date:
    """Return the platform's own day; before its first end of day, today's date in China."""
    row = BusinessDate.objects.filter(pk=1).first()
    return row.on if row else calendar_date()
