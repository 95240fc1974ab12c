"""Whose records may be past their term, and what was erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, F, Max, Sum

from rongqiao.parties.queries import list_party_ids
from rongqiao.platform.clock import CHINA
from rongqiao.risk.models.laundering.casework import Screening
from rongqiao.risk.models.laundering.keeping import LaunderingErasure

AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Erased:
    """Of how many customers how many records are gone, and when that was last done."""

    customers: int
    records: int
    last_on: date | None


def known_by(last: date) -> Iterator[list[UUID]]:
    """Yield the parties that came by a day and of whom there are records, 500 at a time."""
    # Ids are in the order of time (UUIDv7: 48 bits of milliseconds come first).
    start = datetime.combine(last + timedelta(days=1), time.min, CHINA)
    first_later = UUID(int=int(start.timestamp() * 1000) << 80)
    after = UUID(int=0)
    while chunk := [one for one in list_party_ids(after, AT_ONCE) if one < first_later]:
        rows = Screening.objects.filter(party_id__in=chunk).values_list("party_id", flat=True)
        yield sorted(rows.distinct())
        after = chunk[-1]


def erased_parties() -> list[UUID]:
    """Return the parties whose records were erased and of whom there are none since."""
    gone = LaunderingErasure.objects.values_list("party_id", flat=True).distinct()
    again = Screening.objects.filter(party_id__in=gone).values_list("party_id", flat=True)
    return sorted(set(gone) - set(again))


def erased_so_far() -> Erased:
    """Return what was erased in all, in one query."""
    kinds = ("screenings", "ratings", "alerts", "cases", "reports", "links")
    each = sum((F(kind) for kind in kinds[1:]), F(kinds[0]))
    found = LaunderingErasure.objects.aggregate(
        customers=Count("party_id", distinct=True), records=Sum(each), last_on=Max("erased_on")
    )
    return Erased(
        customers=found["customers"], records=found["records"] or 0, last_on=found["last_on"]
    )
