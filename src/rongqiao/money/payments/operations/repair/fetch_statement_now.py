"""Fetch a day's statement from the bank now, and compare the day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.money.payments.operations.reconciling.import_statement import refuse_unfinished
from rongqiao.money.payments.operations.repair.steps import FETCH, StepTaken, officer_with_reason
from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class FetchStatementNow:
    """Which day, and why."""

    day: date
    reason: str


@operation("payments.fetch_statement_now", restore=StepTaken)
def fetch_statement_now(command: FetchStatementNow, call: Call) -> StepTaken:
    """Put the fetching of a day in the queue; a day that has its file is compared again.

    Raises FinanceOfficerNeeded, ReasonNeeded, DayNotOver.
    """
    officer_with_reason(command.reason, call)
    refuse_unfinished(command.day, call.at)
    jobs.enqueue(FETCH, day=command.day.isoformat())
    return StepTaken(number=command.day.isoformat())
