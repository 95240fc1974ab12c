"""Give a job that failed for good one more try."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.money.payments.operations.repair.steps import StepTaken, officer_with_reason
from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class RunJobAgain:
    """Which job, by its number in the queue, and why."""

    job_id: int
    reason: str


@operation("payments.run_job_again", restore=StepTaken)
def run_job_again(command: RunJobAgain, call: Call) -> StepTaken:
    """Put a failed job back in the queue; jobs act once per key, so a second run is harmless.

    Raises FinanceOfficerNeeded, ReasonNeeded, NotFound.
    """
    officer_with_reason(command.reason, call)
    if not jobs.run_again(command.job_id):
        raise NotFound(what="job")
    return StepTaken(number=str(command.job_id))
