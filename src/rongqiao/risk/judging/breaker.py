"""When to leave a source alone: it failed again and again, and each further call is a wait.

Closed: it is asked. Open: it is not, for a while after its last failure. Half open: the while is
over, and one call may try whether it answers again (Nygard, Release It!, 2nd ed., 2018, ch. 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FAILURES_TO_OPEN = 5
LEFT_ALONE = timedelta(seconds=60)
# Failures longer ago say nothing of how the source is now.
REMEMBERED = timedelta(minutes=10)


class Breaker(StrEnum):
    """Whether a source is asked."""

    CLOSED = "closed"
    HALF_OPEN = "half-open"
    OPEN = "open"


@dataclass(frozen=True)
class Ended:
    """One call that came to an end: when, and whether the source failed to answer."""

    at: datetime
    is_failure: bool


def breaker(ended: Sequence[Ended], at: datetime) -> Breaker:
    """Return how the breaker stands at an instant, after the calls that ended before it."""
    recent = sorted(
        (one for one in ended if at - REMEMBERED <= one.at <= at), key=lambda one: one.at
    )
    last = recent[-FAILURES_TO_OPEN:]
    if len(last) < FAILURES_TO_OPEN or not all(one.is_failure for one in last):
        return Breaker.CLOSED
    return Breaker.OPEN if at < last[-1].at + LEFT_ALONE else Breaker.HALF_OPEN
