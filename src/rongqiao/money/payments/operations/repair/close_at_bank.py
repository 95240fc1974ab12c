"""Have the bank close an order number, so that it can never be paid any more."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import AT_THE_BANK
from rongqiao.money.payments.operations.repair.steps import (
    CLOSE,
    StepTaken,
    officer_with_reason,
    order_in_state,
)
from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class CloseAtBank:
    """Which order, and why."""

    order_id: UUID
    reason: str


@operation("payments.close_at_bank", restore=StepTaken)
def close_at_bank(command: CloseAtBank, call: Call) -> StepTaken:
    """Have the number closed; an order the bank has carried out is settled by its answer instead.

    Raises FinanceOfficerNeeded, ReasonNeeded, OwnAffair, NotOpen, NotFound.
    """
    officer = officer_with_reason(command.reason, call)
    row = order_in_state(command.order_id, AT_THE_BANK, officer)
    jobs.enqueue(CLOSE, order_id=str(row.pk))
    return StepTaken(number=row.number)
