"""Propose a placement plan for coming months; it holds once another person released it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Max

from rongqiao.finance.money import Money
from rongqiao.finance.months import add_months
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.judging.changing.placing import (
    BadPlanLine,
    Expected,
    Line,
    expected_of,
    read_lines,
    total_of,
)
from rongqiao.risk.models.plans import PlacementLine, PlacementPlan
from rongqiao.risk.operations.planning.deciding import PROPOSERS, acting, lock_plans

LONGEST_SOURCE, LONGEST_LINES, MOST_MONTHS = 1000, 20_000, 12
FIRST_YEAR, LAST_YEAR = 2000, 2099


class PlanUnreadable(Refusal):
    """A line or figure of the plan is out of bounds; facts: `field`, `value`."""

    kind, code = Kind.INVALID, "risk.plan-unreadable"


class PlanOverBound(Refusal):
    """The lines together, or one of them, pass a bound; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.plan-over-bound"


class PlanOver(Refusal):
    """The months are past already; facts: `field`, `value`."""

    kind, code = Kind.INVALID, "risk.plan-months-past"


@dataclass(frozen=True, kw_only=True)
class ProposePlan:
    """The first day of the first month, how many months, and `lines` as placing reads them."""

    first_on: date
    months: int
    budget: Money
    loss_ceiling: Money
    lines: str
    source: str


@dataclass(frozen=True, kw_only=True)
class PlanProposed:
    """The plan that waits."""

    plan_id: UUID
    number: int


@operation("risk.propose-plan", restore=PlanProposed)
def propose_plan(command: ProposePlan, call: Call) -> PlanProposed:
    """Put the plan down; nothing counts by it before another person releases it.

    Raises PlanRoleNeeded, PlanUnreadable, PlanOverBound, PlanOver.
    """
    acting(call, PROPOSERS)
    source = " ".join(command.source.split())
    lines = _read(command, source)
    last_on = add_months(command.first_on, command.months) - timedelta(days=1)
    if last_on < call.on:
        raise PlanOver(field="first_month", value=last_on.isoformat())
    total = _checked(command, lines)
    lock_plans()
    last = PlacementPlan.objects.aggregate(last=Max("number"))["last"] or 0
    plan = PlacementPlan.objects.create(
        id=new_id(call.at),
        number=last + 1,
        first_on=command.first_on,
        last_on=last_on,
        budget_minor=command.budget.minor,
        loss_ceiling_minor=command.loss_ceiling.minor,
        placed_minor=total.amount.minor,
        loss_minor=total.loss.minor,
        source=source,
        proposed_by=call.actor,
        proposed_at=call.at,
    )
    PlacementLine.objects.bulk_create(_row(plan, no, line) for no, line in enumerate(lines, 1))
    return PlanProposed(plan_id=plan.pk, number=plan.number)


def _is_month(day: date) -> bool:
    return day.day == 1 and FIRST_YEAR <= day.year <= LAST_YEAR


def _read(command: ProposePlan, source: str) -> tuple[Line, ...]:
    bounds = (
        ("first_month", _is_month(command.first_on), command.first_on.isoformat()),
        ("months", 1 <= command.months <= MOST_MONTHS, str(command.months)),
        ("budget", command.budget.minor > 0, command.budget.text()),
        ("loss_ceiling", command.loss_ceiling.minor >= 0, command.loss_ceiling.text()),
        ("source", 0 < len(source) <= LONGEST_SOURCE, str(len(source))),
        ("lines", len(command.lines) <= LONGEST_LINES, str(len(command.lines))),
    )
    for field, is_right, value in bounds:
        if not is_right:
            raise PlanUnreadable(field=field, value=value)
    try:
        return read_lines(command.lines)
    except BadPlanLine as bad:
        raise PlanUnreadable(field="lines", value=str(bad)) from None


def _checked(command: ProposePlan, lines: tuple[Line, ...]) -> Expected:
    """Return the sums of the lines, every bound kept. Raises PlanUnreadable, PlanOverBound."""
    for line in lines:
        if not line.floor <= line.amount <= line.cap:
            raise PlanOverBound(
                field="lines",
                value=f"{line.product_code} {line.grade} {line.amount.text()}",
                allowed=f"{line.floor.text()} - {line.cap.text()}",
            )
    total = total_of(expected_of(line) for line in lines)
    if not total.amount:
        raise PlanUnreadable(field="lines", value=total.amount.text())
    for field, told, most in (
        ("budget", total.amount, command.budget),
        ("loss_ceiling", total.loss, command.loss_ceiling),
    ):
        if told > most:
            raise PlanOverBound(field=field, value=told.text(), allowed=most.text())
    return total


def _row(plan: PlacementPlan, no: int, line: Line) -> PlacementLine:
    return PlacementLine(
        plan=plan,
        no=no,
        product_code=line.product_code,
        grade=line.grade,
        amount_minor=line.amount.minor,
        floor_minor=line.floor.minor,
        cap_minor=line.cap.minor,
        rate=line.rate,
        funds=line.funds,
        cost=line.cost,
        default_rate=line.default_rate,
        loss_given_default=line.loss_given_default,
        months=line.months,
    )
