"""Another finance officer closes a month, once everything in it is proved."""

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
)
from rongqiao.money.ledger.queries.periods import broken_laws, unsealed_through
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class LawsBroken(Refusal):
    """The books break their laws; facts: `count`, `law` (the first of them)."""

    kind, code = Kind.CONFLICT, "ledger.period-laws-broken"


class NotSealed(Refusal):
    """Journals of the month wait for the chain; fact: `count`. A moment later they do not."""

    kind, code = Kind.CONFLICT, "ledger.period-not-sealed"


class BreaksOpen(Refusal):
    """Differences with the bank are not resolved; fact: `count`."""

    kind, code = Kind.CONFLICT, "ledger.period-breaks-open"


@dataclass(frozen=True, kw_only=True)
class ClosePeriod:
    """The month, and what the caller found where the ledger cannot look.

    `open_breaks`: unresolved differences with the bank up to the month's end; `broken_elsewhere`:
    laws of other contexts that do not hold (loans against the general ledger, custody).
    """

    month: date
    open_breaks: int
    broken_elsewhere: int = 0


@operation("ledger.close-period", restore=PeriodMoved)
def close_period(command: ClosePeriod, call: Call) -> PeriodMoved:
    """Close a proposed month and keep its balances. Reads all of the books: seconds per million.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, PeriodMisshapen, PeriodState, BreaksOpen,
    NotSealed, LawsBroken.
    """
    period = locked_period(command.month)
    demand(period, Period.State.CLOSING)
    second_officer(period.proposed_by, call)
    if command.open_breaks > 0:
        raise BreaksOpen(count=str(command.open_breaks))
    if waiting := unsealed_through(command.month):
        raise NotSealed(count=str(waiting))
    broken = broken_laws()
    if broken or command.broken_elsewhere:
        law = broken[0].law if broken else "5"
        raise LawsBroken(count=str(len(broken) + command.broken_elsewhere), law=law)
    period.decided_by, period.decided_at = call.actor, call.at
    moved = move(period, Period.State.CLOSED, call)
    keep_balances(command.month)
    return moved
