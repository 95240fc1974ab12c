"""An officer takes a referred application into their hands."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import acting_staff, check_state, officers_case
from rongqiao.lending.origination.models import Review
from rongqiao.lending.origination.states import State
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role


class TakenByAnother(Refusal):
    """Another officer has the case in hand."""

    kind, code = Kind.CONFLICT, "origination.taken-by-another"


@dataclass(frozen=True, kw_only=True)
class TakeReview:
    """Which application."""

    application_id: UUID


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The open review."""

    review_id: UUID


@operation("origination.take_review", restore=Taken)
def take_review(command: TakeReview, call: Call) -> Taken:
    """Assign the case to the acting reviewer; taking it twice changes nothing.

    Raises RoleNeeded, NotFound, OwnAffair, StepNotDrawn, TakenByAnother.
    """
    officer_id = acting_staff(call, Role.REVIEWER)
    case = officers_case(command.application_id, officer_id)
    check_state(case, State.REFERRED)
    review = Review.objects.filter(application=case, closed_at=None).first()
    if review is None:
        review = Review.objects.create(
            id=new_id(call.at), application=case, reviewer_id=officer_id, assigned_at=call.at
        )
    if review.reviewer_id != officer_id:
        raise TakenByAnother
    return Taken(review_id=review.pk)
