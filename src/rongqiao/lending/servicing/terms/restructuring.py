"""A loan's plan after it was restructured because its borrower cannot pay as agreed. Pure.

Principal that is late joins what is ahead and is spread over the due dates, that are more where
months are added, at the rate in force or a lower one. Nothing is capitalised and nothing forgiven:
interest, penalty and fees that are late, and the interest earned so far, are put off to the next
payment; until then they are neither late nor payable, and bear nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rongqiao.finance.daycount import Ratio
from rongqiao.finance.months import add_months
from rongqiao.finance.schedule.remaining import IN_PART, growth_of, lowered
from rongqiao.finance.schedule.terms import Method
from rongqiao.lending.servicing.engine import (
    Life,
    PlanRule,
    Row,
    State,
    accrued_by,
    growth_left,
)
from rongqiao.lending.servicing.terms.changing import Pace, pace_of
from rongqiao.lending.servicing.terms.repricing import Price
from rongqiao.policies.credit.restructuring import watch_on


@dataclass(frozen=True)
class Relief:
    """What is agreed: months `more`, and another price from that day on."""

    more: int = 0
    price: Price | None = None


@dataclass(frozen=True)
class _Period:
    from_on: date
    due_on: date
    growth: Ratio
    fee: int = 0


def unrelieved(life: Life, on: date, relief: Relief, rule: PlanRule) -> str:
    """Return why the loan cannot be restructured so on `on`, or nothing where it can.

    `method`: interest is not by what is left; `plan`: due dates without a pace, no principal, or
    nothing ahead and no months more; `months`: not whole periods; `nothing`: all stays as it is.
    """
    ahead = [row for row in life.rows if not row.is_due]
    late = arrears(life, on)
    pace = pace_of(life)
    if rule.method not in IN_PART:
        return "method"
    is_over = not ahead and relief.more == 0
    is_bare = bool(ahead) and not any(row.principal for row in ahead)
    if pace is None or is_over or is_bare or not _balance(life, on):
        return "plan"
    if relief.more < 0 or relief.more % _step(pace, rule):
        return "months"
    return "" if relief.more or relief.price or late else "nothing"


def arrears(life: Life, on: date) -> list[Row]:
    """Return what has fallen due by `on` and is not paid whole."""
    return [row for row in life.rows if row.is_due and row.left and row.due_on <= on]


def restructured(life: Life, on: date, relief: Relief, rule: PlanRule) -> Life:
    """Return `life`, made by `rule` so far, after a relief that is not `unrelieved`."""
    pace = pace_of(life)
    assert pace is not None, life
    new = replace(rule, rate=relief.price.rate) if relief.price else rule
    periods = _periods(life, on, relief.more, (rule, new), pace)
    first_due = periods[0].due_on
    due = [_put_off(row, on, first_due) for row in life.rows if row.is_due]
    running = next((row for row in life.rows if not row.is_due), None)
    no = running.no if running else life.rows[-1].no + 1
    if running and on > running.from_on:
        earned = accrued_by(life.rows, on)
        due.append(Row(no, running.from_on, first_due, 0, earned, 0, is_due=True))
        no += 1
    terms = life.terms
    if relief.price:
        terms = replace(terms, penalty_rate=relief.price.penalty_rate)
    return replace(
        life,
        terms=terms,
        rows=(*due, *_rows(periods, _balance(life, on), no, new)),
        accrued=0,
        days_past_due=0,
        state=State.RESTRUCTURED,
        watched_from=first_due,
        watched_until=add_months(first_due, watch_on(on).months),
    )


def _balance(life: Life, on: date) -> int:
    """Return the principal that is ahead or late."""
    ahead = sum(row.principal for row in life.rows if not row.is_due)
    return ahead + sum(row.principal - row.principal_paid for row in arrears(life, on))


def _put_off(row: Row, on: date, due_on: date) -> Row:
    """Return a due row without its late principal; what else is late is due on `due_on`."""
    if not row.left:
        return row
    if row.due_on <= on:
        row = replace(row, principal=row.principal_paid)
    return replace(row, due_on=due_on) if row.left else row


def _step(pace: Pace, rule: PlanRule) -> int:
    return 1 if rule.method is Method.BULLET else pace.months


def _periods(
    life: Life, on: date, more: int, rules: tuple[PlanRule, PlanRule], pace: Pace
) -> list[_Period]:
    """Return the periods from `on` to each due date, those added last; `rules` before and after."""
    rule, new = rules
    step = _step(pace, rule)
    ahead = [row for row in life.rows if not row.is_due]
    found: list[_Period] = []
    if ahead:
        growth = growth_left(life.rows, on, new, rule.rate)
        found.append(_Period(on, ahead[0].due_on, growth, ahead[0].fee))
        found += [
            _Period(row.from_on, row.due_on, _growth(new, row.from_on, row.due_on), row.fee)
            for row in ahead[1:]
        ]
        start, left = ahead[-1].due_on, more // step
    else:
        # The last due date is over: what begins is the rest of the period that `on` lies in.
        last = max(row.due_on for row in life.rows)
        passed = _steps_after(last, on, step, pace)
        due_on = add_months(last, step * passed, pace.day)
        start = add_months(last, step * (passed - 1), pace.day)
        top, bottom = _growth(new, start, due_on)
        days = (due_on - start).days
        found.append(_Period(on, due_on, (top * (due_on - on).days, bottom * days)))
        start, left = due_on, more // step - 1
    for place in range(left):
        first = add_months(start, step * place, pace.day)
        due_on = add_months(start, step * (place + 1), pace.day)
        found.append(_Period(first, due_on, _growth(new, first, due_on)))
    return [_merged(found)] if rule.method is Method.BULLET else found


def _steps_after(last: date, on: date, step: int, pace: Pace) -> int:
    """Return how many steps after the last due date the first one after `on` comes."""
    count = 1
    while add_months(last, step * count, pace.day) <= on:
        count += 1
    return count


def _growth(rule: PlanRule, start: date, due_on: date) -> Ratio:
    return growth_of(rule.day_count, rule.rate, start, due_on)


def _merged(periods: Sequence[_Period]) -> _Period:
    """Return periods in a row as one."""
    top, bottom = 0, 1
    for one in periods:
        top, bottom = top * one.growth[1] + one.growth[0] * bottom, bottom * one.growth[1]
    fee = sum(one.fee for one in periods)
    return _Period(periods[0].from_on, periods[-1].due_on, (top, bottom), fee)


def _rows(periods: Sequence[_Period], balance: int, no: int, rule: PlanRule) -> list[Row]:
    """Return rows that clear the balance; it may be cleared before the last due date."""
    columns = lowered(rule.method, balance, [one.growth for one in periods])
    count = len(columns.balances)
    fees = [one.fee for one in periods[: count - 1]]
    fees.append(sum(one.fee for one in periods[count - 1 :]))
    return [
        Row(no + place, one.from_on, one.due_on, principal, interest, fee)
        for place, (one, principal, interest, fee) in enumerate(
            zip(periods[:count], columns.principals, columns.interests, fees, strict=True)
        )
    ]
