"""An officer gives a case back to the queue undecided."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import Moved
from rongqiao.lending.origination.conduct.reviewing import close_review, taken_case
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ReleaseReview:
    """Which application."""

    application_id: UUID


@operation("origination.release_review", restore=Moved)
def release_review(command: ReleaseReview, call: Call) -> Moved:
    """Close the review without an outcome of the case. Raises NotAssigned, StepNotDrawn, ..."""
    reviewed = taken_case(command.application_id, call)
    close_review(reviewed.review, "released", call)
    return Moved(application_id=reviewed.case.pk, state=reviewed.case.state)
