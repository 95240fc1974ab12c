"""The instalments from one on at other dates, more of them, or at another flat rate. Pure.

For loans whose interest is by the instalment (flat) or none; where it is by what is left the plan
is changed by `terms.changing`, `terms.repricing` and `terms.restructuring`. As in the published
lives of Apache Fineract (fineract-e2e-tests-runner, LoanReschedule.feature).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from rongqiao.finance.months import add_months
from rongqiao.finance.rounding import TO_THE_FEN, Rounding
from rongqiao.finance.schedule.terms import Every, Method
from rongqiao.lending.servicing.engine import Life, PlanRule, Row


@dataclass(frozen=True)
class Reschedule:
    """What is agreed of the instalments from the one due on `first` on.

    It falls due on `moved_to`, and those after it at their pace from there; `more` are added at the
    end; the first `resting` pay no principal, and as many are added; `rate` is a yearly fraction.
    """

    first: date
    moved_to: date | None = None
    more: int = 0
    resting: int = 0
    rate: Fraction | None = None


@dataclass(frozen=True)
class Agreed:
    """How the plan was made: its rule, its pace, and what an instalment is rounded to."""

    rule: PlanRule
    every: Every
    rounding: Rounding = TO_THE_FEN


def unschedulable(life: Life, wish: Reschedule, agreed: Agreed) -> str:
    """Return why the loan cannot be rescheduled so, or nothing where it can.

    `method`: interest is by what is left; `terms`: fewer instalments than none; `plan`: none asks
    for principal on that day, or some of it or of what follows is due or paid; `dates`: it would
    not fall due after the days before it.
    """
    rule = agreed.rule
    if rule.method is not Method.FLAT and (rule.rate or wish.rate):
        return "method"
    if min(wish.more, wish.resting) < 0 or (wish.rate is not None and not rule.rate):
        return "terms"
    touched = _touched(life, wish)
    if not touched or any(row.is_due or _is_paid(row) for row in touched):
        return "plan"
    if wish.moved_to is not None and wish.moved_to <= touched[0].from_on:
        return "dates"
    return ""


def rescheduled(life: Life, wish: Reschedule, agreed: Agreed) -> Life:
    """Return `life` with the plan from `wish.first` on as agreed; what is before stays.

    Raises ValueError where it is `unschedulable`.
    """
    if reason := unschedulable(life, wish, agreed):
        raise ValueError(reason)
    touched = _touched(life, wish)
    numbers = {row.no for row in touched}
    last = touched[-1]
    before = [row for row in life.rows if row.no not in numbers and row.no < last.no]
    after = [row for row in life.rows if row.no > last.no]
    planned = _planned(touched, wish, agreed)
    end, added = planned[-1].due_on, len(planned) - len(touched)
    moved = [
        replace(row, no=row.no + added, from_on=end if row.from_on == last.due_on else row.from_on)
        for row in after
    ]
    return replace(life, rows=(*before, *planned, *moved))


def _touched(life: Life, wish: Reschedule) -> list[Row]:
    """Return the instalments from the one asked for on, where there is one."""
    rows = [row for row in life.rows if row.principal and row.from_on < row.due_on]
    place = next((place for place, row in enumerate(rows) if row.due_on == wish.first), None)
    return [] if place is None else rows[place:]


def _is_paid(row: Row) -> bool:
    return bool(row.principal_paid or row.interest_paid or row.fee_paid or row.penalty_paid)


def _planned(touched: Sequence[Row], wish: Reschedule, agreed: Agreed) -> list[Row]:
    """Return the rows as agreed: at their dates, with their parts, each with the fees it had."""
    count = len(touched) + wish.more + wish.resting
    dates = _dates(touched, wish.moved_to, count, agreed.every)
    principals = [row.principal for row in touched]
    if wish.more or wish.resting:
        principals = [0] * wish.resting + _level(
            sum(principals), count - wish.resting, agreed.rounding
        )
    starts = [touched[0].from_on, *dates[:-1]]
    found = []
    for place in range(count):
        row = touched[min(place, len(touched) - 1)]
        if place >= len(touched):
            row = replace(row, fee=0, penalty_micro=0)
        interest = row.interest
        if wish.rate is not None:
            factor = interest * wish.rate / agreed.rule.rate
            interest = TO_THE_FEN.of(factor.numerator, factor.denominator)
        found.append(
            replace(
                row,
                no=touched[0].no + place,
                from_on=starts[place],
                due_on=dates[place],
                principal=principals[place],
                interest=interest,
            )
        )
    return found


def _dates(touched: Sequence[Row], moved_to: date | None, count: int, every: Every) -> list[date]:
    """Return the due dates: those there are, moved together, and those added at their pace."""
    if moved_to is not None:
        return [_later(moved_to, place, every) for place in range(count)]
    found = [row.due_on for row in touched]
    last = found[-1]
    return found + [_later(last, place, every) for place in range(1, count - len(found) + 1)]


def _later(start: date, steps: int, every: Every) -> date:
    if every.months:
        return add_months(start, every.months * steps)
    return start + timedelta(days=every.days * steps)


def _level(balance: int, count: int, rounding: Rounding) -> list[int]:
    """Return `count` equal parts of the balance, rounded; the last takes what is left."""
    found: list[int] = []
    for _ in range(count - 1):
        found.append(min(balance - sum(found), rounding.of(balance, count)))
    return [*found, balance - sum(found)]
