"""A finance officer proposes to close a month: from now on nothing is booked in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.money.ledger.closing import Period
from rongqiao.money.ledger.operations.closing.officers import officer_acting
from rongqiao.money.ledger.operations.closing.periods.steps import (
    PeriodMoved,
    PeriodOutOfOrder,
    demand,
    locked_period,
    move,
    shut_books,
)
from rongqiao.money.ledger.queries.periods import first_month, last_day, next_month
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class PeriodNotOver(Refusal):
    """The business date is not past the month yet; facts: `period`, `value`."""

    kind, code = Kind.CONFLICT, "ledger.period-not-over"


@dataclass(frozen=True, kw_only=True)
class ProposeClosing:
    """The month, by its first day."""

    month: date


@operation("ledger.propose-closing", restore=PeriodMoved)
def propose_closing(command: ProposeClosing, call: Call) -> PeriodMoved:
    """Shut a month: journals valued in it are refused until it is given up or opened again.

    Months close in order, from the first one with a journal. Raises FinanceOfficerNeeded,
    PeriodMisshapen, PeriodState, PeriodNotOver, PeriodOutOfOrder, BooksBusy.
    """
    officer_acting(call)
    period = locked_period(command.month)
    demand(period, Period.State.OPEN)
    if call.on <= last_day(command.month):
        raise PeriodNotOver(period=str(period), value=call.on.isoformat())
    _refuse_a_gap(command.month)
    period.proposed_by, period.proposed_at = call.actor, call.at
    period.decided_by, period.decided_at, period.reason = "", None, ""
    moved = move(period, Period.State.CLOSING, call)
    shut_books()
    return moved


def _refuse_a_gap(month: date) -> None:
    """Raise PeriodOutOfOrder unless the month follows the last closed one."""
    last = Period.objects.exclude(state=Period.State.OPEN).order_by("-month").first()
    if last is not None and last.state != Period.State.CLOSED:
        raise PeriodOutOfOrder(period=str(last))
    due = next_month(last.month) if last else first_month()
    if due is not None and month != due:
        raise PeriodOutOfOrder(period=f"{due:%Y-%m}")
