"""Placement plans as they were put down, and the split that would earn most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.judging.changing.placing import (
    BadPlanLine,
    Expected,
    Line,
    NoSplit,
    expected_of,
    read_lines,
    split,
    total_of,
    written,
)
from rongqiao.risk.models.plans import PlacementLine, PlacementPlan

# What pages hold in their hands of the arithmetic.
__all__ = [
    "BadPlanLine",
    "Expected",
    "Line",
    "NoSplit",
    "PlanHead",
    "PlanView",
    "expected_of",
    "get_plan",
    "list_plans",
    "read_lines",
    "split",
    "total_of",
    "written",
]


@dataclass(frozen=True, kw_only=True)
class PlanHead:
    """A plan without its lines; `decided_by` is empty while it waits."""

    id: UUID
    number: int
    first_on: date
    last_on: date
    budget: Money
    loss_ceiling: Money
    placed: Money
    loss: Money
    source: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """A plan with its lines, in their order."""

    head: PlanHead
    lines: tuple[Line, ...]

    @property
    def total(self) -> Expected:
        """Return what all lines together are expected to bring."""
        return total_of(expected_of(line) for line in self.lines)


def list_plans() -> tuple[PlanHead, ...]:
    """Return every plan, the newest first."""
    return tuple(_head(row) for row in PlacementPlan.objects.order_by("-number"))


def get_plan(plan_id: UUID) -> PlanView:
    """Return one plan, in two queries. Raises NotFound."""
    row = PlacementPlan.objects.filter(pk=plan_id).first()
    if row is None:
        raise NotFound(what="placement-plan")
    return PlanView(head=_head(row), lines=tuple(_line(line) for line in row.lines.order_by("no")))


def _head(row: PlacementPlan) -> PlanHead:
    return PlanHead(
        id=row.pk,
        number=row.number,
        first_on=row.first_on,
        last_on=row.last_on,
        budget=Money(row.budget_minor),
        loss_ceiling=Money(row.loss_ceiling_minor),
        placed=Money(row.placed_minor),
        loss=Money(row.loss_minor),
        source=row.source,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _line(row: PlacementLine) -> Line:
    return Line(
        product_code=row.product_code,
        grade=row.grade,
        amount=Money(row.amount_minor),
        floor=Money(row.floor_minor),
        cap=Money(row.cap_minor),
        rate=row.rate,
        funds=row.funds,
        cost=row.cost,
        default_rate=row.default_rate,
        loss_given_default=row.loss_given_default,
        months=row.months,
    )
