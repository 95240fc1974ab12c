"""Charge a day's penalty interest on overdue instalments once their days of grace are over."""

from __future__ import annotations

from typing import Any

from rongqiao.lending.servicing.operations.end_of_day.chunk import (
    Chunk,
    Done,
    Work,
    rows_of,
    run_chunk,
    statement,
)
from rongqiao.lending.servicing.operations.end_of_day.plan_day import Step
from rongqiao.platform.operations import Call, operation

_PENALISE = statement("penalise")


@operation("servicing.penalise", restore=Done)
def penalise(command: Chunk, call: Call) -> Done:
    """Charge the penalty interest of `command.on`. Raises DayNotPlanned."""
    return run_chunk(Step.PENALISE, command, call, _body)


def _body(parameters: dict[str, Any], work: Work) -> None:
    for product, count, added in rows_of(_PENALISE, parameters):
        work.changed += count
        work.add(product, "penalty", added)
