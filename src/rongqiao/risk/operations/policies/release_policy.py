"""Another person releases a proposed version; from its first day on, cases are judged by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal
from rongqiao.risk.models.policies import PolicyVersion
from rongqiao.risk.operations.policies.checking import check_test_cases, read_body
from rongqiao.risk.operations.policies.deciding import (
    RELEASERS,
    PolicyBackdated,
    PolicyDayTaken,
    acting,
    refuse_same_person,
    waiting_version,
)


class PolicyDiffers(Refusal):
    """What is to be released is not what was read, or its digest does not fit it any more."""

    code = "risk.policy-differs"


@dataclass(frozen=True, kw_only=True)
class ReleasePolicy:
    """The version, the digest of the document that was read, and the first day it is to hold."""

    version_id: UUID
    sha256: str
    effective_on: date


@dataclass(frozen=True, kw_only=True)
class PolicyDecided:
    """Where the version stands now."""

    version_id: UUID
    state: str
    effective_on: date | None


@operation("risk.release-policy", restore=PolicyDecided)
def release_policy(command: ReleasePolicy, call: Call) -> PolicyDecided:
    """Release it, its test cases run once more.

    Raises NotFound, PolicyRoleNeeded, PolicySecondPersonNeeded, PolicyNotWaiting, PolicyDiffers,
    PolicyUnreadable, TestCaseFails, PolicyBackdated, PolicyDayTaken.
    """
    user_id = acting(call, RELEASERS)
    version = waiting_version(command.version_id)
    refuse_same_person(version.proposed_by, user_id)
    read = read_body(version.body, version.code)
    if not command.sha256 == version.sha256 == read.sha256:
        raise PolicyDiffers
    check_test_cases(read.policy)
    _check_day(version, command.effective_on, call.on)
    version.state, version.effective_on = "released", command.effective_on
    version.decided_by, version.decided_at, version.decided_on = call.actor, call.at, call.on
    version.save(update_fields=["state", "effective_on", "decided_by", "decided_at", "decided_on"])
    return PolicyDecided(
        version_id=version.pk, state=version.state, effective_on=version.effective_on
    )


def _check_day(version: PolicyVersion, day: date, today: date) -> None:
    earliest = max(version.proposed_for, today)
    if day < earliest:
        raise PolicyBackdated(
            field="effective_on", value=day.isoformat(), allowed=earliest.isoformat()
        )
    released = PolicyVersion.objects.filter(code=version.code, state="released")
    taken = released.filter(effective_on=day).first()
    if taken is not None:
        raise PolicyDayTaken(field="effective_on", value=day.isoformat(), label=taken.label)
