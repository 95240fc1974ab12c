"""The second person's word on a proposed concentration limit, or the proposer's own withdrawal."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import (
    acting_staff,
    are_one_person,
)
from rongqiao.lending.origination.models.concentration import ConcentrationLimit
from rongqiao.lending.origination.operations.concentrating.propose_concentration import (
    LONGEST_REASON,
    PROPOSERS,
    ConcentrationRefused,
)
from rongqiao.parties.queries import user_of
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

DECIDERS = (Role.RISK_ANALYST, Role.APPROVER, Role.FINANCE)
STATES = {"release": "released", "decline": "declined", "withdraw": "withdrawn"}


class ConcentrationDecided(Refusal):
    """The version was decided on before; fact: `value`."""

    kind, code = Kind.CONFLICT, "origination.concentration-decided"


class ConcentrationSecondPersonNeeded(Refusal):
    """Whoever proposed a limit does not decide on it, nor anybody else take it back."""

    kind, code = Kind.FORBIDDEN, "origination.concentration-second-person-needed"


@dataclass(frozen=True, kw_only=True)
class DecideConcentration:
    """Which version, and the word: `release`, `decline` (for a reason) or `withdraw`."""

    limit_id: UUID
    word: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ConcentrationState:
    """What became of the version."""

    limit_id: UUID
    state: str


@operation("origination.decide-concentration", restore=ConcentrationState)
def decide_concentration(command: DecideConcentration, call: Call) -> ConcentrationState:
    """Release, decline or take back the version that waits.

    Signatures from then on are held under a released one, from its first day; what is committed
    stays as it is. Raises RoleNeeded, NotFound, ConcentrationDecided, ConcentrationRefused,
    ConcentrationSecondPersonNeeded.
    """
    is_own = command.word == "withdraw"
    user_id = acting_staff(call, *(PROPOSERS if is_own else DECIDERS))
    row = ConcentrationLimit.objects.select_for_update().filter(pk=command.limit_id).first()
    if row is None or command.word not in STATES:
        raise NotFound(what="concentration-limit")
    if row.state != "waiting":
        raise ConcentrationDecided(value=row.state)
    maker = user_of(row.proposed_by)
    if maker is None or are_one_person(maker, user_id) != is_own:
        raise ConcentrationSecondPersonNeeded
    if command.word == "decline":
        row.declined_because = _said(command.reason)
    row.state, row.decided_by, row.decided_at = STATES[command.word], call.actor, call.at
    row.save(update_fields=["state", "decided_by", "decided_at", "declined_because"])
    return ConcentrationState(limit_id=row.pk, state=row.state)


def _said(text: str) -> str:
    words = " ".join(text.split())
    if not 0 < len(words) <= LONGEST_REASON:
        allowed = f"1 - {LONGEST_REASON}"
        raise ConcentrationRefused(field="reason", value=words[:80], allowed=allowed)
    return words
