"""Propose a version of the assumptions that the allowance rests on; another person releases it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Max

from rongqiao.lending.servicing.models.allowance import AllowanceRule
from rongqiao.lending.servicing.operations.provisioning.deciding import PROPOSERS, acting
from rongqiao.lending.servicing.queries.provisioning.expected_loss import (
    BadLine,
    Policy,
    read_curves,
    read_floors,
    read_scenarios,
)
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_SOURCE, LONGEST_LINES = 1000, 20_000
MOST_DAYS, MOST_CURE_MONTHS = 360, 24


class UnreadableAssumption(Refusal):
    """A line or figure of the assumptions is out of bounds; facts: `field`, `value`."""

    kind, code = Kind.INVALID, "servicing.unreadable-assumption"


@dataclass(frozen=True, kw_only=True)
class ProposeRule:
    """The assumptions as expected_loss reads them, and `source`: where the figures come from.

    `conversion_percent` of an undrawn sum counts as drawn: all of it unless measured otherwise.
    """

    effective_on: date
    days_increased: int
    days_impaired: int
    is_watch_increased: bool
    cure_months: int
    curves: str
    scenarios: str
    floors: str
    policy: str
    source: str
    conversion_percent: int = 100


@dataclass(frozen=True, kw_only=True)
class RuleProposed:
    """The version that waits."""

    rule_id: UUID
    number: int


@operation("servicing.propose-allowance-rule", restore=RuleProposed)
def propose_rule(command: ProposeRule, call: Call) -> RuleProposed:
    """Put the version down; nothing counts by it before another person releases it.

    Raises AllowanceRoleNeeded, UnreadableAssumption.
    """
    acting(call, PROPOSERS)
    _check(command)
    with connection.cursor() as cursor:
        # Versions are numbered without gaps: one is put down at a time.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('servicing.rules', 0))")
    last = AllowanceRule.objects.aggregate(last=Max("number"))["last"] or 0
    said = {name: getattr(command, name) for name in ProposeRule.__dataclass_fields__}
    rule = AllowanceRule(
        id=new_id(call.at),
        number=last + 1,
        proposed_by=call.actor,
        proposed_at=call.at,
        **said | {"source": " ".join(command.source.split())},
    )
    rule.save(force_insert=True)
    return RuleProposed(rule_id=rule.pk, number=rule.number)


def _check(command: ProposeRule) -> None:
    readers = (
        ("curves", read_curves),
        ("scenarios", read_scenarios),
        ("floors", read_floors),
    )
    for field, read in readers:
        text = getattr(command, field)
        if len(text) > LONGEST_LINES:
            raise UnreadableAssumption(field=field, value=str(len(text)))
        try:
            read(text)
        except BadLine as bad:
            raise UnreadableAssumption(field=field, value=str(bad)) from None
    bounds = (
        ("days_increased", 0 <= command.days_increased < command.days_impaired),
        ("days_impaired", command.days_impaired <= MOST_DAYS),
        ("cure_months", 0 <= command.cure_months <= MOST_CURE_MONTHS),
        ("conversion_percent", 0 <= command.conversion_percent <= 100),
        ("policy", command.policy in set(Policy)),
        ("source", 0 < len(" ".join(command.source.split())) <= LONGEST_SOURCE),
    )
    for field, is_right in bounds:
        if not is_right:
            raise UnreadableAssumption(field=field, value=str(getattr(command, field)))
