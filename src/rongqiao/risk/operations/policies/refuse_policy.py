"""Another person refuses a proposed version, or its proposer takes it back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.operations.policies.deciding import (
    PROPOSERS,
    RELEASERS,
    NotYourPolicy,
    acting,
    checked_reason,
    refuse_same_person,
    waiting_version,
)
from rongqiao.risk.operations.policies.release_policy import PolicyDecided


@dataclass(frozen=True, kw_only=True)
class RefusePolicy:
    """The version and why not; `is_withdrawn` where the proposer takes it back."""

    version_id: UUID
    reason: str
    is_withdrawn: bool = False


@operation("risk.refuse-policy", restore=PolicyDecided)
def refuse_policy(command: RefusePolicy, call: Call) -> PolicyDecided:
    """Close the proposal; it never holds.

    Raises NotFound, PolicyRoleNeeded, PolicySecondPersonNeeded, NotYourPolicy, PolicyNotWaiting,
    PolicyReasonNeeded.
    """
    user_id = acting(call, PROPOSERS if command.is_withdrawn else RELEASERS)
    version = waiting_version(command.version_id)
    if not command.is_withdrawn:
        refuse_same_person(version.proposed_by, user_id)
    elif version.proposed_by != call.actor:
        raise NotYourPolicy
    version.state = "withdrawn" if command.is_withdrawn else "refused"
    version.decided_because = checked_reason(command.reason)
    version.decided_by, version.decided_at, version.decided_on = call.actor, call.at, call.on
    version.save(
        update_fields=["state", "decided_because", "decided_by", "decided_at", "decided_on"]
    )
    return PolicyDecided(version_id=version.pk, state=version.state, effective_on=None)
