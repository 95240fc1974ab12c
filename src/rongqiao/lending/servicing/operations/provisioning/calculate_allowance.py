"""Value the portfolio as the last business date closed: what the allowance is to be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.lending.servicing.operations.provisioning.deciding import PROPOSERS, acting
from rongqiao.lending.servicing.operations.provisioning.valuing import keep_closed, make_run
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class CalculateAllowance:
    """The date to value as of: the last that was closed."""

    on: date


@dataclass(frozen=True, kw_only=True)
class AllowanceCalculated:
    """The valuation, and how many loans it holds."""

    run_id: UUID
    number: str
    loans: int


@operation("servicing.calculate-allowance", restore=AllowanceCalculated)
def calculate_allowance(command: CalculateAllowance, call: Call) -> AllowanceCalculated:
    """Value every live loan, and write down what each product's allowance is to be.

    Loans stand as the morning after the closed date found them, less what was paid since. Raises
    AllowanceRoleNeeded, AllowanceTooEarly for another date than the last closed one, DayClosing,
    PortfolioMoved.
    """
    acting(call, PROPOSERS)
    keep_closed(command.on)
    run, loans = make_run(command.on, call)
    return AllowanceCalculated(run_id=run.pk, number=run.number, loans=loans)
