"""Freezes as compliance reads them: what is set aside of whom, since when, why it should end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.availability import available_in
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.laundering.freezing import Freeze, FreezeState
from rongqiao.risk.queries.laundering.opening import text_of

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class FreezeView:
    """One freeze; `amount` is the sum of all that was set aside, in so many `sums`."""

    id: UUID
    number: str
    case_id: UUID
    party_id: UUID
    state: str
    amount: Money
    sums: int
    placed_by: str
    placed_at: datetime
    proposed_by: str
    proposed_at: datetime | None
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SumView:
    """One sum that was set aside: under which number, since when."""

    number: str
    amount: Money
    at: datetime


def list_freezes(
    *, state: str = "", aside: Collection[UUID] = (), after: int = 0, limit: int = PAGE
) -> tuple[FreezeView, ...]:
    """Return freezes, the latest first; without a state those that have not ended.

    Those of the parties in `aside` are left out: an officer's own affairs.
    """
    rows = _freezes(state, aside).order_by("-placed_at", "-id")
    return tuple(_view(row) for row in rows[after : after + limit])


def count_freezes(*, state: str = "", aside: Collection[UUID] = ()) -> int:
    """Return how many freezes there are in a state, or that have not ended."""
    return _freezes(state, aside).count()


def get_freeze(freeze_id: UUID) -> tuple[FreezeView, tuple[SumView, ...], str]:
    """Return a freeze, its sums, oldest first, and why it should end; raises NotFound."""
    row = _counted(Freeze.objects.filter(pk=freeze_id)).first()
    if row is None:
        raise NotFound
    sums = tuple(
        SumView(number=one.number, amount=Money(one.amount_minor), at=one.at)
        for one in row.sums.order_by("at", "id")
    )
    return _view(row), sums, text_of(row.reason_sealed, "freeze", "reason_sealed", row.pk)


def freezes_of_case(case_id: UUID) -> tuple[FreezeView, ...]:
    """Return the freezes that a case led to, the latest first."""
    rows = _counted(Freeze.objects.filter(case_id=case_id)).order_by("-placed_at", "-id")
    return tuple(_view(row) for row in rows)


def frozen_with_money() -> list[UUID]:
    """Return the freezes in whose wallets something is free."""
    found = Freeze.objects.exclude(state=FreezeState.ENDED).values_list("party_id", "pk")
    rows = {f"wallet:{party_id}": freeze_id for party_id, freeze_id in found}
    free = available_in(list(rows))
    return [rows[code] for code, one in free.items() if one.minor > 0]


def _freezes(state: str, aside: Collection[UUID]) -> QuerySet[Freeze]:
    rows = Freeze.objects.exclude(party_id__in=list(aside))
    rows = rows.filter(state=state) if state else rows.exclude(state=FreezeState.ENDED)
    return _counted(rows)


def _counted(rows: QuerySet[Freeze]) -> QuerySet[Freeze]:
    return rows.annotate(total=Sum("sums__amount_minor"), held=Count("sums"))


def _view(row: Freeze) -> FreezeView:
    return FreezeView(
        id=row.pk,
        number=row.number,
        case_id=row.case_id,
        party_id=row.party_id,
        state=row.state,
        amount=Money(row.total or 0),  # type: ignore[attr-defined]
        sums=row.held,  # type: ignore[attr-defined]
        placed_by=row.placed_by,
        placed_at=row.placed_at,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
