"""A finance officer takes back a proposal to close a month, or to open it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.money.ledger.closing import Period, PeriodStep
from rongqiao.money.ledger.operations.closing.officers import checked_words, officer_acting
from rongqiao.money.ledger.operations.closing.periods.steps import (
    PeriodMoved,
    demand,
    locked_period,
    move,
    shut_books,
)
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class GiveUpProposal:
    """The month, and why."""

    month: date
    reason: str


@operation("ledger.give-up-proposal", restore=PeriodMoved)
def give_up_proposal(command: GiveUpProposal, call: Call) -> PeriodMoved:
    """Return a month to the state it was in before the proposal; any finance officer may.

    Raises FinanceOfficerNeeded, PeriodMisshapen, PeriodState, ReasonNeeded, BooksBusy.
    """
    officer_acting(call)
    reason = checked_words(command.reason)
    period = locked_period(command.month)
    demand(period, Period.State.CLOSING, Period.State.REOPENING)
    if period.state == Period.State.CLOSING:
        moved = move(period, Period.State.OPEN, call, reason)
        shut_books()
        return moved
    closing = PeriodStep.objects.filter(month=period.month, to_state=Period.State.CLOSING).last()
    closed = PeriodStep.objects.filter(month=period.month, to_state=Period.State.CLOSED).last()
    assert closing is not None, period
    assert closed is not None, period
    period.proposed_by, period.proposed_at = closing.by, closing.at
    period.decided_by, period.decided_at, period.reason = closed.by, closed.at, ""
    return move(period, Period.State.CLOSED, call, reason)
