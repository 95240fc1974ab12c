"""Credit limits and their drawings, as their borrowers see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import CreditLimit, Drawing
from rongqiao.lending.products.queries import VersionView, get_versions
from rongqiao.parties.queries import acts_for
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class LimitView:
    """A limit and its use: amount = reserved + drawn + available."""

    id: UUID
    agreement_id: UUID
    party_id: UUID
    product: VersionView
    amount: Money
    reserved: Money
    drawn: Money
    available: Money
    rate_annual: Decimal
    granted_on: date
    valid_until: date


@dataclass(frozen=True, kw_only=True)
class DrawingView:
    """One use of a limit: proposed, reserved, drawn, released or repaid."""

    id: UUID
    limit_id: UUID
    amount: Money
    term_count: int
    state: str
    repaid: Money
    agreement_id: UUID | None
    proposed_at: datetime


def list_limits(party_ids: Iterable[UUID]) -> tuple[LimitView, ...]:
    """Return the limits of these parties, newest first."""
    rows = list(
        CreditLimit.objects.filter(party_id__in=list(party_ids)).order_by("-granted_on", "-id")
    )
    versions = get_versions(row.version_id for row in rows)
    return tuple(_limit(row, versions[row.version_id]) for row in rows)


def get_limit(limit_id: UUID, user_id: UUID) -> LimitView:
    """Return a limit of a party the user acts for; raises NotFound for anybody else's."""
    row = CreditLimit.objects.filter(pk=limit_id).first()
    if row is None or not acts_for(user_id, row.party_id):
        raise NotFound(what="limit")
    return _limit(row, get_versions([row.version_id])[row.version_id])


def list_drawings(limit_id: UUID) -> tuple[DrawingView, ...]:
    """Return the drawings of a limit, newest first; those only proposed too."""
    rows = Drawing.objects.filter(limit_id=limit_id).select_related("agreement")
    return tuple(_drawing(row) for row in rows.order_by("-proposed_at", "-id"))


def get_drawing(drawing_id: UUID, user_id: UUID) -> DrawingView:
    """Return a drawing of a party the user acts for; raises NotFound for anybody else's."""
    row = Drawing.objects.select_related("agreement", "limit").filter(pk=drawing_id).first()
    if row is None or not acts_for(user_id, row.limit.party_id):
        raise NotFound(what="drawing")
    return _drawing(row)


def _limit(row: CreditLimit, version: VersionView) -> LimitView:
    used = row.reserved_minor + row.drawn_minor
    return LimitView(
        id=row.pk,
        agreement_id=row.agreement_id,
        party_id=row.party_id,
        product=version,
        amount=Money(row.amount_minor),
        reserved=Money(row.reserved_minor),
        drawn=Money(row.drawn_minor),
        available=Money(row.amount_minor - used),
        rate_annual=row.rate_annual,
        granted_on=row.granted_on,
        valid_until=row.valid_until,
    )


def _drawing(row: Drawing) -> DrawingView:
    agreement = getattr(row, "agreement", None)
    return DrawingView(
        id=row.pk,
        limit_id=row.limit_id,
        amount=Money(row.amount_minor),
        term_count=row.term_count,
        state=row.state,
        repaid=Money(row.repaid_minor),
        agreement_id=agreement.pk if agreement else None,
        proposed_at=row.proposed_at,
    )
