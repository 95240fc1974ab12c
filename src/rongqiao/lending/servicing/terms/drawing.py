"""A running loan's plan after a further sum was drawn on it (分次放款). Pure.

`drawn(life, on, minor, rule) -> Life`: what is due stays, also what fell due that very day; the
instalments ahead keep their due dates, number and fees, and are planned anew over the principal
that is ahead and `minor` more. Interest of the days before `on` stays to the fen, on what was lent
then: the running period is split there. Of level instalments the running one is level too, with
what it had earned before. Months without principal stay without. Interest bears no interest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rongqiao.finance.daycount import Ratio
from rongqiao.finance.rounding import TO_THE_FEN
from rongqiao.finance.schedule.remaining import AMORTISING, IN_PART, growth_of, lowered
from rongqiao.finance.schedule.terms import MOST_TERMS
from rongqiao.lending.servicing.engine import Life, PlanRule, Row, accrued_by


def undrawable(life: Life, minor: int, rule: PlanRule) -> str:
    """Return why `minor` fen cannot be drawn on the loan, or nothing where they can.

    `amount`: not above 0; `plan`: nothing is ahead; `method`: interest is not by what is left.
    """
    if minor <= 0:
        return "amount"
    if all(row.is_due for row in life.rows):
        return "plan"
    return "" if rule.method in IN_PART else "method"


def drawn(life: Life, on: date, minor: int, rule: PlanRule) -> Life:
    """Return `life`, its plan made by `rule`, after `minor` fen more were lent on `on`.

    `on` is not before the running instalment began, and before it is due: on its due date only
    where it bears no interest. Raises ValueError where the sum is `undrawable`.
    """
    if reason := undrawable(life, minor, rule):
        raise ValueError(reason)
    due = [row for row in life.rows if row.is_due]
    ahead = [row for row in life.rows if not row.is_due]
    running = ahead[0]
    balance = sum(row.principal for row in ahead) + minor
    earned = accrued_by(life.rows, on)
    begun_on, held = _period(due, running)
    before = held + earned
    growths = [growth_of(rule.day_count, rule.rate, row.from_on, row.due_on) for row in ahead]
    top, bottom = growth_of(rule.day_count, rule.rate, begun_on, running.due_on)
    top, bottom = top * (running.due_on - on).days, bottom * (running.due_on - begun_on).days
    resting = _resting(ahead, [(top, bottom), *growths[1:]], rule)
    growths[0] = (before * bottom + balance * top, balance * bottom)
    rows = _planned(ahead, balance, growths, resting, rule)
    rows[0] = replace(rows[0], interest=rows[0].interest - before)
    if rule.rate and on > running.from_on:
        due.append(Row(running.no, running.from_on, running.due_on, 0, earned, 0, is_due=True))
        rows[0] = replace(rows[0], from_on=on)
        rows = [replace(row, no=row.no + 1) for row in rows]
    return replace(life, rows=(*due, *rows), accrued=0)


def _period(due: Sequence[Row], running: Row) -> tuple[date, int]:
    """Return when the running period began before it was split, and what it earned till then."""
    begun_on, held = running.from_on, 0
    for row in reversed(due):
        if not row.is_prepayment:
            if row.due_on != running.due_on or row.principal:
                break
            held += row.interest
        begun_on = row.from_on
    return begun_on, held


def _planned(
    ahead: Sequence[Row], balance: int, growths: Sequence[Ratio], resting: int, rule: PlanRule
) -> list[Row]:
    """Return the rows ahead with what each asks, the first `resting` interest alone."""
    columns = lowered(rule.method, balance, growths[resting:], rule.rounding)
    asked = [(0, TO_THE_FEN.of(balance * top, bottom)) for top, bottom in growths[:resting]]
    asked += zip(columns.principals, columns.interests, strict=True)
    # A balance of a few fen may be cleared before the last due date.
    asked += [(0, 0)] * (len(ahead) - len(asked))
    return [
        replace(row, principal=principal, interest=interest)
        for row, (principal, interest) in zip(ahead, asked, strict=True)
    ]


def _resting(ahead: Sequence[Row], growths: Sequence[Ratio], rule: PlanRule) -> int:
    """Return how many instalments from now on ask for no principal, by what was agreed.

    What is left may also have been too little for a fen in each.
    """
    balance = sum(row.principal for row in ahead)
    if rule.method not in AMORTISING or balance < MOST_TERMS:
        return 0
    if not lowered(rule.method, balance, growths).principals[0]:
        return 0
    return next(place for place, row in enumerate(ahead) if row.principal)
