"""Propose how a kind is to be judged: a further version; another person releases it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError

from rongqiao.lending.collateral.models import NAMES, CollateralRule
from rongqiao.lending.collateral.operations.acting import (
    CollateralWordsNeeded,
    acting,
    checked_words,
)
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, undone_if_it_fails
from rongqiao.platform.refusals import Refusal
from rongqiao.policies.roles import Role

PROPOSERS = (Role.RISK_ANALYST,)
LONGEST_SOURCE, MOST_DAYS = 300, 3650
MOST_COVERAGE = Decimal(5)


class RuleWaits(Refusal):
    """A version of the same kind waits for its second person."""

    code = "collateral.rule-waits"


@dataclass(frozen=True, kw_only=True)
class ProposeRule:
    """Fractions of the value with at most four decimals, days, whence it is, and from when.

    `is_assumed`: the operator assumes it; `source` then says what it is based on.
    """

    collateral_kind: str
    haircut: Decimal
    ltv_max: Decimal
    coverage_min: Decimal
    stale_after_days: int
    is_assumed: bool
    source: str
    from_on: date


@dataclass(frozen=True, kw_only=True)
class RuleProposed:
    """The version that waits."""

    rule_id: UUID
    number: int


@operation("collateral.propose-rule", restore=RuleProposed)
def propose_rule(command: ProposeRule, call: Call) -> RuleProposed:
    """Put the version down. Raises CollateralRoleNeeded, CollateralWordsNeeded, RuleWaits."""
    acting(call, *PROPOSERS)
    kind = command.collateral_kind
    _check("collateral_kind", kind, ", ".join(NAMES), ok=kind in NAMES)
    _check_fraction("haircut", command.haircut, Decimal(0), Decimal(1))
    _check_fraction("ltv_max", command.ltv_max, Decimal("0.0001"), Decimal(1))
    _check_fraction("coverage_min", command.coverage_min, Decimal(0), MOST_COVERAGE)
    days = command.stale_after_days
    _check("stale_after_days", str(days), f"1 - {MOST_DAYS}", ok=1 <= days <= MOST_DAYS)
    source = checked_words("source", command.source, LONGEST_SOURCE)
    first = call.on.isoformat()
    _check("from_on", command.from_on.isoformat(), f">= {first}", ok=command.from_on >= call.on)
    row = CollateralRule(
        id=new_id(call.at),
        kind=kind,
        number=CollateralRule.objects.filter(kind=kind).count() + 1,
        haircut=command.haircut,
        ltv_max=command.ltv_max,
        coverage_min=command.coverage_min,
        stale_after_days=days,
        is_assumed=command.is_assumed,
        source=source,
        from_on=command.from_on,
        proposed_by=call.actor,
        proposed_at=call.at,
    )
    try:
        with undone_if_it_fails():
            row.save(force_insert=True)
    except IntegrityError:
        raise RuleWaits from None
    return RuleProposed(rule_id=row.pk, number=row.number)


def _check_fraction(field: str, given: Decimal, least: Decimal, most: Decimal) -> None:
    fits = given.is_finite() and least <= given <= most and given == round(given, 4)
    _check(field, str(given), f"{least} - {most}", ok=fits)


def _check(field: str, value: str, allowed: str, *, ok: bool) -> None:
    if not ok:
        raise CollateralWordsNeeded(field=field, value=value[:40], allowed=allowed)
