"""A reviewer sends an application back: something in it has to be mended first."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import Decided, checked_codes, move, tell_decided
from rongqiao.lending.origination.conduct.reviewing import (
    RETURN_CODES,
    Why,
    close_review,
    officers_decision,
    take_offer_back,
    taken_case,
)
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call, operation, sensitive


@dataclass(frozen=True, kw_only=True)
class ReturnToBorrower:
    """What the borrower has to mend, and why, for the file."""

    application_id: UUID
    codes: tuple[str, ...]
    reason: str = sensitive()


@operation("origination.return_to_borrower", restore=Decided)
def return_to_borrower(command: ReturnToBorrower, call: Call) -> Decided:
    """Bring the case to returned; the borrower's next change makes it a draft again.

    Raises NotAssigned, ReasonNeeded, OwnAffair, StepNotDrawn, ...
    """
    reviewed = taken_case(command.application_id, call)
    why = Why(checked_codes(command.codes, RETURN_CODES), command.reason)
    decision_id = officers_decision(reviewed, "return", None, why, call)
    close_review(reviewed.review, "return", call)
    take_offer_back(reviewed.case)
    move(reviewed.case, State.RETURNED, call)
    return tell_decided(reviewed.case, decision_id, call)
