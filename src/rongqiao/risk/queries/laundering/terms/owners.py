"""Beneficial owners where compliance looks at a firm: in screening, in ratings, in alerts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import F, OuterRef, Subquery

from rongqiao.parties.queries.owners import standing_of
from rongqiao.risk.laundering.rating import factors
from rongqiao.risk.models.laundering.casework import CustomerRating

NOT_A_FIRM = "not-a-firm"
FACTOR = "owners"
# The part that an owner plays in a screening: this and the owner's mark.
OWNER = "owner-"


def mark_in(part: str) -> str:
    """Return the mark of the owner whom a part names; nothing where it is another part."""
    return part.removeprefix(OWNER) if part.startswith(OWNER) else ""


def owners_answers(party_ids: Iterable[UUID], on: date) -> dict[UUID, str]:
    """Return by firm its answer of the factor of that name on a day, in one query."""
    return {party_id: state.value for party_id, state in standing_of(party_ids, on).items()}


def firms_to_heed(on: date) -> list[UUID]:
    """Return the firms whose rating in force counts owners otherwise than they stand on a day.

    In two queries; what a rating counted is told by its points, its answers stay sealed.
    """
    last = CustomerRating.objects.filter(party_id=OuterRef("party_id")).order_by("-number")
    rows = CustomerRating.objects.annotate(last=Subquery(last.values("number")[:1])).filter(
        number=F("last"), review_on__gt=on
    )
    counted = {party_id: dict(parts) for party_id, parts in rows.values_list("party_id", "parts")}
    points = factors()[FACTOR]
    return sorted(
        party_id
        for party_id, answer in owners_answers(counted, on).items()
        if counted[party_id].get(FACTOR) != points[answer]
    )
