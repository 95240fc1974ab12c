"""Another finance officer agrees that a closed month is opened again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.money.ledger.closing import Period
from rongqiao.money.ledger.operations.closing.officers import second_officer
from rongqiao.money.ledger.operations.closing.periods.steps import (
    PeriodMoved,
    demand,
    keep_balances,
    locked_period,
    move,
    shut_books,
)
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ReopenPeriod:
    """The month, by its first day."""

    month: date


@operation("ledger.reopen-period", restore=PeriodMoved)
def reopen_period(command: ReopenPeriod, call: Call) -> PeriodMoved:
    """Open a month as proposed; its kept balances are dropped until it closes again.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, PeriodMisshapen, PeriodState, BooksBusy.
    """
    period = locked_period(command.month)
    demand(period, Period.State.REOPENING)
    second_officer(period.proposed_by, call)
    period.decided_by, period.decided_at = call.actor, call.at
    moved = move(period, Period.State.OPEN, call, period.reason)
    keep_balances(command.month)
    shut_books()
    return moved
