"""Propose a draft as the next version of its policy; another person releases it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.operations.policies.checking import check_test_cases, read_body
from rongqiao.risk.operations.policies.deciding import (
    PROPOSERS,
    acting,
    checked_reason,
    lock_policy,
    open_draft,
)
from rongqiao.risk.operations.policies.numbering import New, PolicyProposed, put_down

LONGEST_LABEL = 80


class PolicyUnchanged(Refusal):
    """The draft says word for word what the version it came from says."""

    code = "risk.policy-unchanged"


class LabelNeeded(Refusal):
    """A version has a name of its own; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "risk.policy-label-needed"


@dataclass(frozen=True, kw_only=True)
class ProposePolicy:
    """The draft as it was read, the name of the version, from when it is to hold, and why."""

    draft_id: UUID
    revision: int
    label: str
    effective_on: date
    reason: str


@operation("risk.propose-policy", restore=PolicyProposed)
def propose_policy(command: ProposePolicy, call: Call) -> PolicyProposed:
    """Put the version down and close the draft; nothing is judged by it before its release.

    Raises PolicyRoleNeeded, NotFound, DraftClosed, DraftMoved, PolicyUnreadable, TestCaseFails,
    PolicyUnchanged, LabelNeeded, PolicyReasonNeeded, PolicyBackdated, PolicyWaits.
    """
    acting(call, PROPOSERS)
    draft = open_draft(command.draft_id, command.revision)
    lock_policy(draft.code)
    read = read_body(draft.body, draft.code)
    if read.sha256 == draft.based_on.sha256:
        raise PolicyUnchanged
    check_test_cases(read.policy)
    label = " ".join(command.label.split())
    if not 0 < len(label) <= LONGEST_LABEL or not label.isprintable():
        raise LabelNeeded(field="label", allowed=f"1 - {LONGEST_LABEL}")
    new = New(
        code=draft.code,
        label=label,
        origin="draft",
        based_on=draft.based_on,
        sha256=read.sha256,
        body=read.text,
        reason=checked_reason(command.reason),
        proposed_for=command.effective_on,
    )
    version = put_down(new, call)
    draft.state, draft.version = "proposed", version
    draft.changed_by, draft.changed_at = call.actor, call.at
    draft.save(update_fields=["state", "version", "changed_by", "changed_at"])
    return PolicyProposed(version_id=version.pk, number=version.number)
