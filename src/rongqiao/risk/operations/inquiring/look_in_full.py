"""A member of staff looks at an answer in full: for a stated reason, on record."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.queries import is_own_affair, roles_of, user_of
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role
from rongqiao.risk.models.inquiries import Inquiry, InquiryLook

LOOKERS = frozenset({Role.RISK_ANALYST, Role.REVIEWER, Role.APPROVER})
LONGEST_REASON = 200


class ReasonNeeded(Refusal):
    """Why it is looked at is missing or too long; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "risk.look-reason-needed"


class OwnAnswer(Refusal):
    """Nobody looks at inquiries about themselves by their office."""

    kind, code = Kind.FORBIDDEN, "risk.own-answer"


@dataclass(frozen=True, kw_only=True)
class LookInFull:
    """Which inquiry, and why."""

    inquiry_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The look on record, by which the answer may be read once more within minutes."""

    look_id: UUID


@operation("risk.look_in_full", restore=Looked)
def look_in_full(command: LookInFull, call: Call) -> Looked:
    """Put a look on record. Raises NotFound, ReasonNeeded, OwnAnswer."""
    user_id = user_of(call.actor)
    row = Inquiry.objects.filter(pk=command.inquiry_id).first()
    if row is None or user_id is None or not roles_of(user_id) & LOOKERS:
        raise NotFound(what="inquiry")
    if is_own_affair(user_id, row.party_id):
        raise OwnAnswer
    reason = " ".join(command.reason.split())
    if len(reason) < 4 or len(reason) > LONGEST_REASON:
        raise ReasonNeeded(field="reason", allowed=str(LONGEST_REASON))
    look = InquiryLook.objects.create(
        id=new_id(call.at),
        inquiry=row,
        looked_by=call.actor,
        looked_at=call.at,
        reason=reason,
    )
    return Looked(look_id=look.pk)
