"""Ask the bank after an order at once: its answer settles the order, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import AT_THE_BANK
from rongqiao.money.payments.operations.orders.placing import ASK
from rongqiao.money.payments.operations.repair.steps import (
    StepTaken,
    officer_with_reason,
    order_in_state,
)
from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class AskBankNow:
    """Which order, and why now."""

    order_id: UUID
    reason: str


@operation("payments.ask_bank_now", restore=StepTaken)
def ask_bank_now(command: AskBankNow, call: Call) -> StepTaken:
    """Have the bank asked; a number it never saw is sent again, under the same number.

    Raises FinanceOfficerNeeded, ReasonNeeded, OwnAffair, NotOpen, NotFound.
    """
    officer = officer_with_reason(command.reason, call)
    row = order_in_state(command.order_id, AT_THE_BANK, officer)
    jobs.enqueue(ASK, order_id=str(row.pk))
    return StepTaken(number=row.number)
