"""How long sightings are kept: no longer than what they are kept for needs.

PIPL art. 19: personal information is kept for the shortest time that its purpose needs. The term is
the house's own figure, with its reason beside it; no statute names one for sightings.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime

from rongqiao.risk.fraud.attributes import BEARINGS, Kind


@dataclass(frozen=True)
class Term:
    """So many months, and why."""

    months: int
    reason: str


KEPT = Term(
    24,
    "Velocities look back thirty days and rings form within months, but who shares a device or a "
    "card shows only when somebody comes back for another loan, mostly within two years.",
)
# Who the officer of a case is to its parties is told by these; they are written once.
NOT_COUNTED_BY_TERM = (Kind.RESIDENT_ID,)
# Kinds of which others' sightings are evidence in a case: those that join, and numbers in a row.
TELLING = (*(kind for kind, one in BEARINGS.items() if one.joins), Kind.PHONE_BLOCK)


def kept_from(at: datetime, term: Term = KEPT) -> datetime:
    """Return the instant before which nothing is kept for its own sake: `term` months before."""
    months = at.year * 12 + at.month - 1 - term.months
    year, month = divmod(months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))
