"""Give a parked fact a fresh row of attempts at its handlers."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.money.payments.operations.repair.steps import StepTaken, officer_with_reason
from rongqiao.platform import relay
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class UnparkEvent:
    """Which event of the outbox, and why."""

    event_id: int
    reason: str


@operation("payments.unpark_event", restore=StepTaken)
def unpark_event(command: UnparkEvent, call: Call) -> StepTaken:
    """Have the relay bring the event again; handlers act once per key.

    Raises FinanceOfficerNeeded, ReasonNeeded, NotFound.
    """
    officer_with_reason(command.reason, call)
    if not relay.give_attempts(command.event_id):
        raise NotFound(what="event")
    return StepTaken(number=str(command.event_id))
