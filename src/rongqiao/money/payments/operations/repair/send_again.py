"""Put an order that never went out in the queue again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import OrderState
from rongqiao.money.payments.operations.orders.placing import send_soon
from rongqiao.money.payments.operations.repair.steps import (
    StepTaken,
    officer_with_reason,
    order_in_state,
)
from rongqiao.money.payments.operations.two_people import NotOpen
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class SendAgain:
    """Which order, and why."""

    order_id: UUID
    reason: str


@operation("payments.send_again", restore=StepTaken)
def send_again(command: SendAgain, call: Call) -> StepTaken:
    """Have an order sent that was made and did not leave; one that waits for approval stays.

    Raises FinanceOfficerNeeded, ReasonNeeded, OwnAffair, NotOpen, NotFound.
    """
    officer = officer_with_reason(command.reason, call)
    row = order_in_state(command.order_id, (OrderState.CREATED,), officer)
    if row.needs_approval and not row.approved_by:
        raise NotOpen(state=row.state)
    send_soon(row, call)
    return StepTaken(number=row.number)
