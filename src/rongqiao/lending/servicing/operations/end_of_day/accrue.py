"""Earn the day's interest on a chunk of loans, cumulative and half-up, as the engine does."""

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

_ACCRUE = statement("accrue")


@operation("servicing.accrue", restore=Done)
def accrue(command: Chunk, call: Call) -> Done:
    """Accrue interest up to the end of `command.on`. Raises DayNotPlanned."""
    return run_chunk(Step.ACCRUE, command, call, _body)


def _body(parameters: dict[str, Any], work: Work) -> None:
    for product, count, added in rows_of(_ACCRUE, parameters):
        work.changed += count
        work.add(product, "interest", added)
