"""Another person releases a proposed version of the assumptions, or declines it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.models.allowance import AllowanceRule
from rongqiao.lending.servicing.operations.provisioning.deciding import (
    RULE_DECIDERS,
    AllowanceNotWaiting,
    acting,
    refuse_same_person,
)
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class DecideRule:
    """Whether the version is released."""

    rule_id: UUID
    is_released: bool


@dataclass(frozen=True, kw_only=True)
class RuleDecided:
    """Where the version stands now."""

    rule_id: UUID
    state: str


@operation("servicing.decide-allowance-rule", restore=RuleDecided)
def decide_rule(command: DecideRule, call: Call) -> RuleDecided:
    """Decide on it; a released one counts from its first day on.

    Raises NotFound, AllowanceRoleNeeded, AllowanceSecondPersonNeeded, AllowanceNotWaiting.
    """
    rows = AllowanceRule.objects.select_for_update(no_key=True)
    rule = rows.filter(pk=command.rule_id).first()
    if rule is None:
        raise NotFound(what="allowance-rule")
    refuse_same_person(rule.proposed_by, acting(call, RULE_DECIDERS))
    if rule.state != "proposed":
        raise AllowanceNotWaiting(state=rule.state)
    rule.state = "released" if command.is_released else "declined"
    rule.decided_by, rule.decided_at = call.actor, call.at
    rule.save(update_fields=["state", "decided_by", "decided_at"])
    return RuleDecided(rule_id=rule.pk, state=rule.state)
