"""Let instalments of the coming business date fall due: charge them, open the next period."""

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

_FALL_DUE = statement("fall-due")


@operation("servicing.fall-due", restore=Done)
def fall_due(command: Chunk, call: Call) -> Done:
    """Charge what falls due on the day after `command.on`. Raises DayNotPlanned."""
    return run_chunk(Step.FALL_DUE, command, call, _body)


def _body(parameters: dict[str, Any], work: Work) -> None:
    while fallen := rows_of(_FALL_DUE, parameters):
        for product, count, interest, fee in fallen:
            work.changed += count
            work.add(product, "interest", interest)
            work.add(product, "fee", fee)
