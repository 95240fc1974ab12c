"""Close a warning case with what was done about the firm."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.models.enterprise import CASE_OUTCOMES, WarningCase
from rongqiao.risk.models.sealing import seal
from rongqiao.risk.operations.enterprise.acting import (
    WarningNotOpen,
    checked_reason,
    locked_warning,
)


class WarningNotYours(Refusal):
    """Another officer has taken the case."""

    kind, code = Kind.FORBIDDEN, "risk.warning-not-yours"


class UnknownOutcome(Refusal):
    """No such outcome; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.unknown-outcome"


@dataclass(frozen=True, kw_only=True)
class CloseWarning:
    """What was done, and what was found."""

    case_id: UUID
    outcome: str
    note: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class WarningClosed:
    """Where the case stands now."""

    case_id: UUID
    state: str


@operation("risk.close-warning", restore=WarningClosed)
def close_warning(command: CloseWarning, call: Call) -> WarningClosed:
    """Close a case one has taken.

    Raises NotFound, RatingRoleNeeded, WarningNotOpen, WarningNotYours, UnknownOutcome,
    RatingReasonNeeded.
    """
    case = locked_warning(command.case_id, call)
    if case.state != "taken":
        raise WarningNotOpen(state=case.state)
    if case.taken_by != call.actor:
        raise WarningNotYours
    if command.outcome not in CASE_OUTCOMES:
        raise UnknownOutcome(
            field="outcome", value=command.outcome[:16], allowed=", ".join(CASE_OUTCOMES)
        )
    case.note_sealed = seal(checked_reason(command.note), WarningCase, "note_sealed", case.pk)
    case.state, case.outcome = "closed", command.outcome
    case.closed_by, case.closed_at = call.actor, call.at
    case.save(update_fields=["state", "outcome", "note_sealed", "closed_by", "closed_at"])
    return WarningClosed(case_id=case.pk, state=case.state)
