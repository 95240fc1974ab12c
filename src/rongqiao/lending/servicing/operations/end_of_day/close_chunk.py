"""Take one chunk of loans through one step of a closing day: claim it, do it, mark it done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import LIVE
from rongqiao.lending.servicing.operations.end_of_day.parking import (
    parked_between,
    work_or_park,
)
from rongqiao.lending.servicing.operations.end_of_day.steps import Step, Work, lock_concerned
from rongqiao.platform import clock
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal


class DayNotPlanned(Refusal):
    """The chunk is not part of a planned day, or an earlier step of it is not done."""

    code = "servicing.day-not-planned"


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """One chunk of loans in one step of a closing business date."""

    on: date
    step: Step
    number: int


@dataclass(frozen=True, kw_only=True)
class Done:
    """How many rows were changed, 0 when it had been done before; how many loans were parked."""

    changed: int
    parked: int = 0


@operation("servicing.close-chunk", restore=Done)
def close_chunk(command: Chunk, call: Call) -> Done:
    """Run the step once over the live loans of the chunk. Raises DayNotPlanned."""
    row = (
        EndOfDayStep.objects.select_for_update()
        .filter(on=command.on, step=command.step, chunk=command.number)
        .first()
    )
    earlier = list(Step)[: list(Step).index(command.step)]
    waiting = EndOfDayStep.objects.filter(
        on=command.on, step__in=earlier, chunk=command.number, done_at=None
    )
    if row is None or waiting.exists():
        raise DayNotPlanned(on=command.on.isoformat(), step=command.step)
    if row.done_at is not None:
        return Done(changed=0)
    parameters: dict[str, Any] = {
        "on": command.on,
        "opening": command.on + timedelta(days=1),
        "at": call.at,
        "first": row.first_loan,
        "before": row.before_loan,
        "live": list(LIVE),
        "parked": parked_between(row.first_loan, row.before_loan),
    }
    work, parked = Work(0, {}), 0
    ids = lock_concerned(command.step, parameters)
    if ids is None or ids:
        work, parked = work_or_park(command.step, ids, parameters, call)
    row.started_at, row.changed, row.parked, row.totals = (
        call.at,
        work.changed,
        parked,
        work.totals,
    )
    # The one time here that is not the call's: how long it took is shown, never booked.
    row.done_at = clock.now()
    row.save(update_fields=["started_at", "done_at", "changed", "parked", "totals"])
    return Done(changed=work.changed, parked=parked)
