"""Credit limits and their drawings, as their borrowers see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import CreditLimit, Drawing, LimitCut
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


@dataclass(frozen=True, kw_only=True)
class CutView:
    """A lowering of a limit, and why."""

    was: Money
    amount: Money
    reason: str
    at: datetime
    on: date


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


def get_limit_for_staff(limit_id: UUID) -> LimitView:
    """Return any limit; raises NotFound."""
    row = CreditLimit.objects.filter(pk=limit_id).first()
    if row is None:
        raise NotFound(what="limit")
    return _limit(row, get_versions([row.version_id])[row.version_id])


def find_limits(on: date, *, use: str = "", offset: int = 0, limit: int) -> tuple[LimitView, ...]:
    """Return limits for staff, newest first; `use` is open, used (something is drawn) or ended."""
    rows = list(_chosen(on, use).order_by("-granted_on", "-id")[offset : offset + limit])
    versions = get_versions(row.version_id for row in rows)
    return tuple(_limit(row, versions[row.version_id]) for row in rows)


def count_limits(on: date, *, use: str = "") -> int:
    """Return how many limits `find_limits` would go through."""
    return _chosen(on, use).count()


def list_cuts(limit_id: UUID) -> tuple[CutView, ...]:
    """Return what the lender took off a limit, the latest first."""
    rows = LimitCut.objects.filter(limit_id=limit_id).order_by("-cut_at", "-id")
    return tuple(
        CutView(
            was=Money(row.was_minor),
            amount=Money(row.becomes_minor),
            reason=row.reason,
            at=row.cut_at,
            on=row.cut_on,
        )
        for row in rows
    )


def list_drawings(limit_id: UUID) -> tuple[DrawingView, ...]:
    """Return the drawings of a limit, newest first; those only proposed too."""
    rows = Drawing.objects.filter(limit_id=limit_id).select_related("agreement")
    return tuple(_drawing(row) for row in rows.order_by("-proposed_at", "-id"))


def limit_use(party_ids: Iterable[UUID], on: date) -> dict[UUID, Decimal]:
    """Return the share of each party's limits, valid on a day, that is drawn; in one query.

    A party without a limit is not there.
    """
    rows = CreditLimit.objects.filter(party_id__in=list(party_ids), valid_until__gte=on)
    sums = rows.values_list("party_id").annotate(Sum("drawn_minor"), Sum("amount_minor"))
    return {party: Decimal(drawn) / amount for party, drawn, amount in sums.order_by("party_id")}


def get_drawing(drawing_id: UUID, user_id: UUID) -> DrawingView:
    """Return a drawing of a party the user acts for; raises NotFound for anybody else's."""
    row = Drawing.objects.select_related("agreement", "limit").filter(pk=drawing_id).first()
    if row is None or not acts_for(user_id, row.limit.party_id):
        raise NotFound(what="drawing")
    return _drawing(row)


def _chosen(on: date, use: str) -> QuerySet[CreditLimit]:
    rows = CreditLimit.objects.all()
    if use == "open":
        return rows.filter(valid_until__gte=on)
    if use == "ended":
        return rows.filter(valid_until__lt=on)
    return rows.filter(drawn_minor__gt=0) if use == "used" else rows


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
