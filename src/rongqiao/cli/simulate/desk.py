"""The calls a lived day makes: who asks, under a key that is the same at every run, and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from rongqiao.platform.clock import CHINA, VirtualClock
from rongqiao.platform.operations import Call

OPENS = time(9, 0)
BETWEEN_CALLS = timedelta(seconds=1)


@dataclass
class Desk:
    """The virtual clock and the business date; a call takes a second."""

    name: str
    first: date
    clock: VirtualClock = field(init=False)
    on: date = field(init=False)

    def __post_init__(self) -> None:
        """Open on the first day."""
        self.clock = VirtualClock(_at(self.first, OPENS))
        self.on = self.first

    def open_day(self, on: date) -> None:
        """Begin business date `on` at nine in China."""
        self.on, self.clock.instant = on, _at(on, OPENS)

    def end_day(self) -> None:
        """Go to midnight in China, when end of day runs."""
        self.clock.instant = _at(self.on + timedelta(days=1), time(0, 0, 30))

    def wait(self, seconds: int) -> None:
        """Let somebody read."""
        self.clock.move(timedelta(seconds=seconds))

    def user(self, user_id: UUID, key: str) -> Call:
        """Return a call by a user."""
        return self._call(f"user:{user_id}", key)

    def system(self, key: str) -> Call:
        """Return a call by the installation itself."""
        return self._call(f"system:{self.name}", key)

    def _call(self, actor: str, key: str) -> Call:
        self.clock.move(BETWEEN_CALLS)
        return Call(actor=actor, key=f"{self.name}:{key}", at=self.clock.instant, on=self.on)


def _at(on: date, moment: time) -> datetime:
    return datetime.combine(on, moment, CHINA).astimezone(UTC)
