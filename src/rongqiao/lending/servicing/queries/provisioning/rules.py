"""Versions of the assumptions that the allowance rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from math import prod
from uuid import UUID

from rongqiao.lending.servicing.models.allowance import AllowanceRule
from rongqiao.lending.servicing.queries.provisioning.expected_loss import (
    ANY_PRODUCT,
    MILLION,
    WHOLE,
    Assumptions,
    Policy,
    Stage,
    Staging,
    read_curves,
    read_floors,
    read_scenarios,
)


@dataclass(frozen=True, kw_only=True)
class RuleView:
    """A version as people read it; `decided_by` is empty while it waits."""

    id: UUID
    number: int
    effective_on: date
    days_increased: int
    days_impaired: int
    is_watch_increased: bool
    cure_months: int
    curves: str
    scenarios: str
    floors: str
    conversion_percent: int
    policy: str
    source: str
    state: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None


def rule_in_force(on: date) -> AllowanceRule | None:
    """Return the released version that counts on a day: the latest by its first day."""
    rows = AllowanceRule.objects.filter(state="released", effective_on__lte=on)
    return rows.order_by("-effective_on", "-number").first()


def assumptions_of(rule: AllowanceRule) -> Assumptions:
    """Return what a version says, to be counted with."""
    return Assumptions(
        staging=Staging(
            days_increased=rule.days_increased,
            days_impaired=rule.days_impaired,
            is_watch_increased=rule.is_watch_increased,
            cure_months=rule.cure_months,
        ),
        curves=read_curves(rule.curves),
        scenarios=read_scenarios(rule.scenarios),
        floors=read_floors(rule.floors),
        policy=Policy(rule.policy),
        conversion_percent=rule.conversion_percent,
    )


def list_rules(limit: int = 50) -> tuple[RuleView, ...]:
    """Return the versions, newest first."""
    return tuple(rule_view(row) for row in AllowanceRule.objects.order_by("-number")[:limit])


def rule_view(row: AllowanceRule) -> RuleView:
    """Return a version as people read it."""
    return RuleView(**{name: getattr(row, name) for name in RuleView.__dataclass_fields__})


@dataclass(frozen=True, kw_only=True)
class YearAhead:
    """What the rule in force takes for a good loan's next year, by product code or `*`.

    Each value is the chance of default within twelve months and the share that a default loses,
    before scenarios; `number` and `source` are the rule's.
    """

    number: int
    source: str
    chances: dict[str, tuple[Decimal, Decimal]]

    def of(self, product_code: str) -> tuple[Decimal, Decimal]:
        """Return chance and loss for a product; its own where the rule names it."""
        return self.chances.get(product_code, self.chances[ANY_PRODUCT])


def year_ahead(on: date) -> YearAhead | None:
    """Return the first stage's curves summed up over a year; None where no rule is in force."""
    rule = rule_in_force(on)
    if rule is None:
        return None
    chances = {}
    for (product, stage), curve in read_curves(rule.curves).items():
        if stage is not Stage.PERFORMING:
            continue
        months = [*curve.hazards, *[curve.hazards[-1]] * 12][:12]
        stays = prod((1 - Decimal(one) / MILLION for one in months), start=Decimal(1))
        chances[product] = (round(1 - stays, 6), Decimal(curve.lgd) / WHOLE)
    return YearAhead(number=rule.number, source=rule.source, chances=chances)
