"""A running loan's plan after its terms were changed by agreement: longer, or with a holiday. Pure.

The rate, what was paid and what was earned stay to the fen. An instalment whose due date stays
keeps its interest; where a due date moves, what was earned before becomes a row of its own that is
due with the next payment, and only the days after it are planned anew. Interest bears no interest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from rongqiao.finance.daycount import Ratio
from rongqiao.finance.months import add_months
from rongqiao.finance.rounding import TO_THE_FEN
from rongqiao.finance.schedule.remaining import AMORTISING, IN_PART, growth_of, lowered
from rongqiao.finance.schedule.terms import Method
from rongqiao.lending.servicing.engine import Life, PlanRule, Row, accrued_by


@dataclass(frozen=True)
class Change:
    """What is agreed, in months: `more` at the end, and a `pause` from the coming instalment on.

    In the pause no principal is paid; interest is where `pays_interest`, else it is due with the
    first instalment after, or lowers the principal of the ones after where it `is_spread`.
    """

    more: int = 0
    pause: int = 0
    pays_interest: bool = True
    is_spread: bool = False

    @property
    def moves_dates(self) -> bool:
        """Tell whether the coming due date moves."""
        return bool(self.pause) and not self.pays_interest


@dataclass(frozen=True)
class Pace:
    """How a plan's due dates follow each other: every `months`, meant on this `day`."""

    months: int
    day: int


@dataclass(frozen=True)
class _Period:
    from_on: date
    due_on: date
    growth: Ratio
    fee: int


def pace_of(life: Life) -> Pace | None:
    """Return the pace of the plan; None where it does not go by whole months."""
    days = {row.due_on for row in life.rows if not row.is_prepayment}
    dates = sorted({life.rows[0].from_on, *days})
    day = max(one.day for one in dates)
    if any(add_months(one, 0, day) != one for one in dates):
        return None
    steps = [
        (last.year - first.year) * 12 + last.month - first.month for first, last in pairwise(dates)
    ]
    return Pace(min(steps), day) if min(steps) > 0 else None


def unfit(life: Life, on: date, change: Change, rule: PlanRule) -> str:
    """Return why the change cannot be made on `on`, or nothing where it can.

    `plan`, `method`, `due`, `months`, `pause` or `spread`.
    """
    pace = pace_of(life)
    ahead = [row for row in life.rows if not row.is_due]
    if pace is None or not ahead:
        return "plan"
    step = 1 if rule.method is Method.BULLET else pace.months
    can_spread = change.moves_dates and rule.method is Method.EQUAL_INSTALMENT
    problems = {
        "method": rule.method not in IN_PART,
        "due": any(row.is_due and row.left and row.due_on <= on for row in life.rows),
        "months": min(change.more, change.pause) < 0
        or bool(change.more % step or change.pause % step),
        "pause": change.pause > 0 and not _takes_pause(change, rule, len(ahead), step),
        "spread": change.is_spread and not can_spread,
    }
    return next((name for name, is_so in problems.items() if is_so), "")


def _takes_pause(change: Change, rule: PlanRule, ahead: int, step: int) -> bool:
    """Tell whether there is something to pause, and an instalment after the pause."""
    paid_by_method = (*AMORTISING, Method.INTEREST_ONLY) if change.moves_dates else AMORTISING
    return rule.method in paid_by_method and change.pause // step < ahead + change.more // step


def changed(life: Life, on: date, change: Change, rule: PlanRule) -> Life:
    """Return `life` after a change that is not `unfit` was agreed on `on`."""
    if not change.more and not change.pause:
        return life
    pace = pace_of(life)
    assert pace is not None, life
    due = tuple(row for row in life.rows if row.is_due)
    ahead = [row for row in life.rows if not row.is_due]
    balance = sum(row.principal for row in ahead)
    if rule.method is Method.BULLET:
        periods = _periods(ahead, balance, [change.more], pace.day, rule)
        change = replace(change, pause=1, pays_interest=False)
        pause = 1
    else:
        added = [pace.months] * (change.more // pace.months)
        periods = _periods(ahead, balance, added, pace.day, rule)
        pause = change.pause // pace.months
    if not change.moves_dates:
        return replace(life, rows=(*due, *_rows(periods, balance, pause, ahead[0].no, rule)))
    return _merged(life, on, _Pause(due, periods, balance, pause, change.is_spread), rule)


def _periods(
    ahead: Sequence[Row], balance: int, added: Iterable[int], day: int, rule: PlanRule
) -> list[_Period]:
    """Return the periods ahead and those added, which ask for no fee."""
    running = ahead[0]
    found = [_Period(running.from_on, running.due_on, (running.interest, balance), running.fee)]
    for row in ahead[1:]:
        growth = growth_of(rule.day_count, rule.rate, row.from_on, row.due_on)
        found.append(_Period(row.from_on, row.due_on, growth, row.fee))
    for months in added:
        start = found[-1].due_on
        due_on = add_months(start, months, day)
        growth = growth_of(rule.day_count, rule.rate, start, due_on)
        found.append(_Period(start, due_on, growth, 0))
    return found


def _rows(
    periods: Sequence[_Period], balance: int, pause: int, no: int, rule: PlanRule
) -> tuple[Row, ...]:
    """Return rows that pay interest alone in the pause, then clear the balance."""
    paused = [(0, _interest(balance, one.growth)) for one in periods[:pause]]
    columns = lowered(rule.method, balance, [one.growth for one in periods[pause:]])
    parts = [*paused, *zip(columns.principals, columns.interests, strict=True)]
    count = len(parts)
    fees = [one.fee for one in periods[: count - 1]]
    fees.append(sum(one.fee for one in periods[count - 1 :]))
    return tuple(
        Row(no + place, one.from_on, one.due_on, principal, interest, fee)
        for place, (one, (principal, interest), fee) in enumerate(
            zip(periods[:count], parts, fees, strict=True)
        )
    )


@dataclass(frozen=True)
class _Pause:
    due: tuple[Row, ...]
    periods: list[_Period]
    balance: int
    pause: int
    is_spread: bool


def _merged(life: Life, on: date, plan: _Pause, rule: PlanRule) -> Life:
    """Return `life` with its paused periods and the one after as one; earned interest is kept."""
    running = next(row for row in life.rows if not row.is_due)
    merged, after = plan.periods[: plan.pause + 1], plan.periods[plan.pause :]
    first = after[0]
    put_off = sum(_interest(plan.balance, one.growth) for one in merged[:-1])
    if plan.is_spread:
        own = _interest(plan.balance, first.growth)
        after = [replace(first, growth=(put_off + own, plan.balance)), *after[1:]]
    rows = list(_rows(after, plan.balance, 0, running.no, rule))
    interest = rows[0].interest + (0 if plan.is_spread else put_off)
    fee = rows[0].fee + sum(one.fee for one in merged[:-1])
    rows[0] = replace(rows[0], from_on=running.from_on, interest=interest, fee=fee)
    due_on = rows[0].due_on
    # What was put off before is due with the next payment, wherever that goes.
    due = tuple(
        replace(row, due_on=due_on) if row.left and row.due_on > on else row for row in plan.due
    )
    if on > running.from_on:
        earned = accrued_by(life.rows, on)
        held = Row(running.no, running.from_on, due_on, 0, earned, 0, is_due=True)
        rows = [
            held,
            replace(rows[0], no=running.no + 1, from_on=on, interest=interest - earned),
            *(replace(row, no=row.no + 1) for row in rows[1:]),
        ]
    return replace(life, rows=(*due, *rows), accrued=0)


def _interest(balance: int, growth: Ratio) -> int:
    return TO_THE_FEN.of(balance * growth[0], growth[1])
