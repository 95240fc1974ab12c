"""How kinds of collateral are judged: the rules in force, and their versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from rongqiao.lending.collateral.models import NAMES, CollateralRule
from rongqiao.lending.collateral.valuing import Yardstick

KINDS = NAMES
MOST_VERSIONS = 200


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """A version: fractions, not percentages. `is_in_force` on the day asked for."""

    id: UUID
    kind: str
    number: int
    haircut: Decimal
    ltv_max: Decimal
    coverage_min: Decimal
    stale_after_days: int
    is_assumed: bool
    source: str
    from_on: date
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    declined_because: str
    is_in_force: bool


def rule_in_force(kind: str, on: date) -> CollateralRule | None:
    """Return the version that counts for a kind on a date."""
    return (
        CollateralRule.objects.filter(kind=kind, state="released", from_on__lte=on)
        .order_by("-from_on", "-number")
        .first()
    )


def yardsticks(on: date) -> dict[str, Yardstick]:
    """Return how every kind is judged on a date, in one query."""
    rows = CollateralRule.objects.filter(state="released", from_on__lte=on)
    return {row.kind: row.yardstick for row in rows.order_by("from_on", "number")}


def list_rules(on: date) -> tuple[RuleView, ...]:
    """Return versions, those that wait first, then the latest of each kind."""
    rows = list(CollateralRule.objects.order_by("kind", "-number")[:MOST_VERSIONS])
    begun = [row for row in rows if row.state == "released" and row.from_on <= on]
    latest: dict[str, CollateralRule] = {}
    for row in sorted(begun, key=lambda one: (one.from_on, one.number)):
        latest[row.kind] = row
    counted = {row.pk for row in latest.values()}
    rows.sort(key=lambda row: (row.state != "waiting", row.pk not in counted))
    return tuple(_view(row, is_in_force=row.pk in counted) for row in rows)


def _view(row: CollateralRule, *, is_in_force: bool) -> RuleView:
    return RuleView(
        id=row.pk,
        kind=row.kind,
        number=row.number,
        haircut=row.haircut,
        ltv_max=row.ltv_max,
        coverage_min=row.coverage_min,
        stale_after_days=row.stale_after_days,
        is_assumed=row.is_assumed,
        source=row.source,
        from_on=row.from_on,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        declined_because=row.declined_because,
        is_in_force=is_in_force,
    )
