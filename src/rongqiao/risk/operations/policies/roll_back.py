"""Bring an earlier version's document back as a new version; another person releases it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal
from rongqiao.risk.models.policies import PolicyVersion
from rongqiao.risk.operations.policies.checking import check_test_cases, read_body
from rongqiao.risk.operations.policies.deciding import (
    PROPOSERS,
    acting,
    checked_reason,
    found_version,
    lock_policy,
)
from rongqiao.risk.operations.policies.numbering import New, PolicyProposed, put_down


class NeverInForce(Refusal):
    """Only a version that was released can be brought back; fact: `label`."""

    code = "risk.policy-never-in-force"


class AlreadyInForce(Refusal):
    """What is to come back holds already; fact: `label`."""

    code = "risk.policy-already-in-force"


@dataclass(frozen=True, kw_only=True)
class RollBack:
    """The version to bring back, from when, and why."""

    version_id: UUID
    effective_on: date
    reason: str


@operation("risk.roll-back-policy", restore=PolicyProposed)
def roll_back(command: RollBack, call: Call) -> PolicyProposed:
    """Put the old document down as a new version that waits for its second person.

    Raises PolicyRoleNeeded, NotFound, NeverInForce, AlreadyInForce, PolicyUnreadable,
    TestCaseFails, PolicyReasonNeeded, PolicyBackdated, PolicyWaits.
    """
    acting(call, PROPOSERS)
    old = found_version(command.version_id)
    lock_policy(old.code)
    if old.state != "released":
        raise NeverInForce(label=old.label)
    released = PolicyVersion.objects.filter(code=old.code, state="released")
    holds = released.filter(effective_on__lte=command.effective_on).order_by("-effective_on")
    if (now := holds.first()) is not None and now.sha256 == old.sha256:
        raise AlreadyInForce(label=now.label)
    read = read_body(old.body, old.code)
    check_test_cases(read.policy)
    new = New(
        code=old.code,
        label=old.label,
        origin="rollback",
        based_on=old,
        sha256=read.sha256,
        body=read.text,
        reason=checked_reason(command.reason),
        proposed_for=command.effective_on,
    )
    version = put_down(new, call)
    return PolicyProposed(version_id=version.pk, number=version.number)
