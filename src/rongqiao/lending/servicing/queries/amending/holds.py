"""Holds on borrowers who died or are bankrupt: whether one stands, and all there were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from rongqiao.lending.servicing.models.amending.holds import BorrowerHold


@dataclass(frozen=True, kw_only=True)
class HoldView:
    """A hold from `from_on`; it stands while `lifted_on` is None."""

    id: UUID
    kind: str
    document: str
    reason: str
    from_on: date
    put_by: str
    lifted_on: date | None
    lifted_by: str
    lift_document: str


def held_parties() -> QuerySet[BorrowerHold, UUID]:
    """Return the parties on hold now, for queries to leave out."""
    return BorrowerHold.objects.filter(lifted_on=None).values_list("party_id", flat=True)


def is_held(party_id: UUID) -> bool:
    """Tell whether a party is on hold now."""
    return BorrowerHold.objects.filter(party_id=party_id, lifted_on=None).exists()


def list_holds(party_id: UUID) -> tuple[HoldView, ...]:
    """Return a party's holds, the latest first."""
    return tuple(
        HoldView(
            id=row.pk,
            kind=row.kind,
            document=row.document,
            reason=row.reason,
            from_on=row.from_on,
            put_by=row.put_by,
            lifted_on=row.lifted_on,
            lifted_by=row.lifted_by,
            lift_document=row.lift_document,
        )
        for row in BorrowerHold.objects.filter(party_id=party_id).order_by("-put_at", "-pk")
    )
