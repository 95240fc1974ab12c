"""A finance officer proposes to open a closed month again, and says why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.money.ledger.closing import Period
from rongqiao.money.ledger.operations.closing.officers import checked_words, officer_acting
from rongqiao.money.ledger.operations.closing.periods.steps import (
    PeriodMoved,
    PeriodOutOfOrder,
    demand,
    locked_period,
    move,
)
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ProposeReopening:
    """The month, by its first day, and why."""

    month: date
    reason: str


@operation("ledger.propose-reopening", restore=PeriodMoved)
def propose_reopening(command: ProposeReopening, call: Call) -> PeriodMoved:
    """Ask for a closed month to be opened; it stays shut until another officer agrees.

    Only the last closed month can be. Raises FinanceOfficerNeeded, PeriodMisshapen, PeriodState,
    PeriodOutOfOrder, ReasonNeeded.
    """
    officer_acting(call)
    reason = checked_words(command.reason)
    period = locked_period(command.month)
    demand(period, Period.State.CLOSED)
    later = Period.objects.filter(month__gt=period.month).exclude(state=Period.State.OPEN)
    if (last := later.order_by("-month").first()) is not None:
        raise PeriodOutOfOrder(period=str(last))
    period.proposed_by, period.proposed_at, period.reason = call.actor, call.at, reason
    period.decided_by, period.decided_at = "", None
    return move(period, Period.State.REOPENING, call, reason)
