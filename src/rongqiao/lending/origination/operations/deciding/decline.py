"""An officer declines: the reviewer who took the case, or the second person it was laid before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import (
    Decided,
    Finding,
    acting_staff,
    check_state,
    checked_codes,
    checked_reason,
    move,
    officers_case,
    record_decision,
    tell_decided,
)
from rongqiao.lending.origination.conduct.overriding import checked_declining, put_on_record
from rongqiao.lending.origination.conduct.queueing import open_review_request
from rongqiao.lending.origination.conduct.reviewing import (
    DECLINE_CODES,
    NotAssigned,
    take_offer_back,
)
from rongqiao.lending.origination.models import Application, Review
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import get_version
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.policies.roles import Role

# The same pause as after a score that was too low.
PAUSE = timedelta(days=90)


@dataclass(frozen=True, kw_only=True)
class Decline:
    """What the borrower is told, and why, for the file.

    `override` is why against the system's word, where it is so.
    Whoever asked for a person waits no longer than before: asking costs nothing.
    """

    application_id: UUID
    codes: tuple[str, ...]
    reason: str = sensitive()
    override: str = ""


@operation("origination.decline", restore=Decided)
def decline(command: Decline, call: Call) -> Decided:
    """Bring a referred or recommended case to declined.

    Raises RoleNeeded, NotFound, OwnAffair, StepNotDrawn, NotAssigned, ReasonNeeded,
    OverrideReasonNeeded.
    """
    officer_id = acting_staff(call, Role.REVIEWER, Role.APPROVER)
    case = officers_case(command.application_id, officer_id)
    check_state(case, State.REFERRED, State.RECOMMENDED)
    stage = _stage(case, officer_id, call)
    against = checked_declining(case, command.override)
    if open_review_request(case) is None:
        case.apply_again_on = call.on + PAUSE
    decision_id = record_decision(
        case,
        Finding(
            stage=stage,
            outcome="decline",
            terms=None,
            reasons=tuple((code, ()) for code in checked_codes(command.codes, DECLINE_CODES)),
            versions={"product": get_version(case.version_id).label},
            inputs={"reason": checked_reason(command.reason)},
            apply_again_on=case.apply_again_on,
        ),
        call,
    )
    put_on_record(case, decision_id, against, officer_id, call)
    take_offer_back(case)
    move(case, State.DECLINED, call)
    return tell_decided(case, decision_id, call)


def _stage(case: Application, officer_id: UUID, call: Call) -> str:
    """Return whose decision it is; a reviewer closes their review by it."""
    if case.state == State.RECOMMENDED:
        acting_staff(call, Role.APPROVER)
        return "approval"
    acting_staff(call, Role.REVIEWER)
    closed = Review.objects.filter(application=case, closed_at=None, reviewer_id=officer_id).update(
        closed_at=call.at, outcome="decline"
    )
    if not closed:
        raise NotAssigned
    return "review"
