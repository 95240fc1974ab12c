"""The second person's word on how a kind is judged, or the proposer's own withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.collateral.models import CollateralRule
from rongqiao.lending.collateral.operations.acting import (
    CollateralDecided,
    acting,
    check_word,
    checked_words,
)
from rongqiao.lending.collateral.operations.ruling.propose_rule import PROPOSERS
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role

DECIDERS = (Role.RISK_ANALYST, Role.APPROVER, Role.FINANCE)
STATES = {"release": "released", "decline": "declined", "withdraw": "withdrawn"}


@dataclass(frozen=True, kw_only=True)
class DecideRule:
    """Which version, and the word: `release`, `decline` (for a reason) or `withdraw`."""

    rule_id: UUID
    word: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RuleState:
    """What became of the version."""

    rule_id: UUID
    state: str


@operation("collateral.decide-rule", restore=RuleState)
def decide_rule(command: DecideRule, call: Call) -> RuleState:
    """Release it from its first day, decline it, or take it back; pledges stay as agreed.

    Raises NotFound, CollateralRoleNeeded, CollateralDecided, CollateralSecondPersonNeeded,
    CollateralWordsNeeded.
    """
    takes_back = command.word == "withdraw"
    user_id = acting(call, *(PROPOSERS if takes_back else DECIDERS))
    row = CollateralRule.objects.select_for_update().filter(pk=command.rule_id).first()
    if row is None or command.word not in STATES:
        raise NotFound(what="collateral-rule")
    if row.state != "waiting":
        raise CollateralDecided(value=row.state)
    check_word(row.proposed_by, user_id, takes_back=takes_back)
    if command.word == "decline":
        row.declined_because = checked_words("reason", command.reason)
    row.state, row.decided_by, row.decided_at = STATES[command.word], call.actor, call.at
    row.save(update_fields=["state", "decided_by", "decided_at", "declined_because"])
    return RuleState(rule_id=row.pk, state=row.state)
