"""A case passes from one reviewer to another, with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import (
    Moved,
    OwnAffair,
    ReasonNeeded,
    acting_staff,
    check_state,
    checked_reason,
    officers_case,
)
from rongqiao.lending.origination.conduct.reviewing import NotAssigned, close_review
from rongqiao.lending.origination.models import Review
from rongqiao.lending.origination.models.desk import REASSIGN_CODES, Reassignment
from rongqiao.lending.origination.sealing import seal
from rongqiao.lending.origination.states import State
from rongqiao.parties.queries import is_own_affair, roles_of
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role


class NotAReviewer(Refusal):
    """Whom the case should go to holds no such role, or has it already."""

    kind, code = Kind.INVALID, "origination.not-a-reviewer"


@dataclass(frozen=True, kw_only=True)
class Reassign:
    """Which case goes to whom, and why: a code, and the officer's words for the file."""

    application_id: UUID
    reviewer_id: UUID
    code: str
    reason: str = sensitive()


@operation("origination.reassign", restore=Moved)
def reassign(command: Reassign, call: Call) -> Moved:
    """Put a case in hand into another reviewer's hands; its time runs on.

    The reviewer who has it may, and any approver.
    Raises RoleNeeded, NotFound, OwnAffair, StepNotDrawn, NotAssigned, NotAReviewer, ReasonNeeded.
    """
    officer_id = acting_staff(call, Role.REVIEWER, Role.APPROVER)
    case = officers_case(command.application_id, officer_id)
    check_state(case, State.REFERRED)
    review = Review.objects.filter(application=case, closed_at=None).first()
    is_in_charge = Role.APPROVER in roles_of(officer_id)
    if review is None or (review.reviewer_id != officer_id and not is_in_charge):
        raise NotAssigned
    _check_taker(command.reviewer_id, review, case.party_id)
    if command.code not in REASSIGN_CODES:
        raise ReasonNeeded(field="code", allowed=", ".join(REASSIGN_CODES))
    reason = checked_reason(command.reason)
    close_review(review, "reassigned", call)
    Review.objects.create(
        id=new_id(call.at),
        application=case,
        reviewer_id=command.reviewer_id,
        assigned_at=call.at,
    )
    row_id = new_id(call.at)
    Reassignment.objects.create(
        id=row_id,
        application=case,
        was_with=review.reviewer_id,
        goes_to=command.reviewer_id,
        code=command.code,
        words_sealed=seal(reason, Reassignment, "words_sealed", row_id),
        moved_by=officer_id,
        moved_at=call.at,
    )
    return Moved(application_id=case.pk, state=case.state)


def _check_taker(reviewer_id: UUID, review: Review, party_id: UUID) -> None:
    """Raise NotAReviewer or OwnAffair for somebody who may not take the case over."""
    if reviewer_id == review.reviewer_id or Role.REVIEWER not in roles_of(reviewer_id):
        raise NotAReviewer
    if is_own_affair(reviewer_id, party_id):
        raise OwnAffair
