"""Wait a little for inquiries that a page has just opened; the worker asks the sources."""

from __future__ import annotations

import time
from collections.abc import Iterable
from uuid import UUID

from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.outcomes import Outcome

PAUSE_SECONDS = 0.1


def outcomes_of(inquiry_ids: Iterable[UUID]) -> dict[UUID, Outcome]:
    """Return how each inquiry stands, in one query; unknown ids are left out."""
    rows = Inquiry.objects.filter(pk__in=set(inquiry_ids)).values_list("pk", "outcome")
    return {pk: Outcome(outcome) for pk, outcome in rows}


def wait_for(inquiry_ids: Iterable[UUID], seconds: float) -> dict[UUID, Outcome]:
    """Return how inquiries stand as soon as all have ended, at the latest after `seconds`.

    Counted in pauses, not on a clock: how long a page may keep its reader is no matter of record.
    """
    wanted = set(inquiry_ids)
    found = outcomes_of(wanted)
    for _time in range(int(seconds / PAUSE_SECONDS)):
        if Outcome.OPEN not in found.values():
            break
        _pause()
        found = outcomes_of(wanted)
    return found


def _pause() -> None:
    time.sleep(PAUSE_SECONDS)
