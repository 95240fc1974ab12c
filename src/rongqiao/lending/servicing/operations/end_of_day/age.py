"""Count days past due on a chunk of loans and set their state and five-tier class by them."""

from __future__ import annotations

from typing import Any

from rongqiao.lending.servicing.engine import CLASS_FLOORS
from rongqiao.lending.servicing.events import LoanOverdue
from rongqiao.lending.servicing.operations.end_of_day.chunk import (
    Chunk,
    Done,
    Work,
    rows_of,
    run_chunk,
    statement,
)
from rongqiao.lending.servicing.operations.end_of_day.plan_day import Step
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation

_AGE = statement("age")


@operation("servicing.age", restore=Done)
def age(command: Chunk, call: Call) -> Done:
    """Age what is past due as the day after `command.on` opens. Raises DayNotPlanned."""

    def body(parameters: dict[str, Any], work: Work) -> None:
        in_force = [item for item in CLASS_FLOORS if parameters["opening"] >= item.in_force_on]
        parameters["tiers"] = [str(item.tier) for item in in_force]
        parameters["floors"] = [item.days_over for item in in_force]
        aged = rows_of(_AGE, parameters)
        work.changed = len(aged)
        for was, oldest, loan, party, agreement, drawing in sorted(aged, key=lambda row: row[2]):
            if was == "overdue":
                continue
            publish(
                LoanOverdue(
                    loan_id=loan,
                    party_id=party,
                    agreement_id=agreement,
                    drawing_id=drawing,
                    oldest_due_on=oldest,
                    happened_at=call.at,
                    happened_on=call.on,
                )
            )

    return run_chunk(Step.AGE, command, call, body)
