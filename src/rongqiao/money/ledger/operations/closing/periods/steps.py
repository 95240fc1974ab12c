"""What every step of a month does: take its row, check the state, leave a trace, shut the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import OperationalError, connection

from rongqiao.money.ledger.closing import Period, PeriodStep
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal

# lock_not_available
_WAITED_TOO_LONG = "55P03"


class PeriodState(Refusal):
    """The month is in another state; facts: `period`, `state`."""

    kind, code = Kind.CONFLICT, "ledger.period-state"


class PeriodOutOfOrder(Refusal):
    """Months close in order and open again from the last; fact: `period`, the one before it."""

    kind, code = Kind.CONFLICT, "ledger.period-out-of-order"


class PeriodMisshapen(Refusal):
    """A month is named by its first day; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "ledger.period"


class BooksBusy(Refusal):
    """Somebody has been posting for seconds: the books could not be shut; try again."""

    kind, code = Kind.CONFLICT, "ledger.books-busy"


@dataclass(frozen=True, kw_only=True)
class PeriodMoved:
    """A month and the state it is in now."""

    month: date
    state: str


def locked_period(month: date) -> Period:
    """Return a month's row, locked; an open month gets one. Raises PeriodMisshapen."""
    if month.day != 1:
        raise PeriodMisshapen(field="month", value=month.isoformat(), allowed="YYYY-MM-01")
    Period.objects.bulk_create([Period(month=month)], ignore_conflicts=True)
    return Period.objects.select_for_update().get(pk=month)


def demand(period: Period, *states: str) -> None:
    """Refuse a month that is in none of `states`. Raises PeriodState."""
    if period.state not in states:
        raise PeriodState(period=str(period), state=period.state)


def move(period: Period, state: str, call: Call, reason: str = "") -> PeriodMoved:
    """Store a month's new state and the step that led to it."""
    PeriodStep.objects.create(
        month=period.month,
        from_state=period.state,
        to_state=state,
        by=call.actor,
        at=call.at,
        reason=reason,
    )
    period.state = state
    period.save()
    return PeriodMoved(month=period.month, state=state)


def shut_books() -> None:
    """Let the books follow the months' states: the last statement of an operation.

    Raises BooksBusy.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_follow_periods()")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == _WAITED_TOO_LONG:
            raise BooksBusy from error
        raise


def keep_balances(month: date) -> int:
    """Keep a closed month's balances, drop those of an open one; return how many accounts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_keep_balances(%s)", [month])
        return int(cursor.fetchone()[0])
