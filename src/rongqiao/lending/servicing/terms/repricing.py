"""A running loan's plan at another rate, agreed on or as the reference rate moved. Pure.

What was earned before the day stays to the fen, for the running period is split there. Its
instalment keeps its principal and asks for the days before at the old rate and for those after at
the new one; the instalments after it are worked out anew on the same due dates. Months without
principal stay without. Interest bears no interest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from rongqiao.finance.rounding import TO_THE_FEN
from rongqiao.finance.schedule.remaining import IN_PART, growth_of, lowered
from rongqiao.finance.schedule.terms import Method
from rongqiao.lending.servicing.engine import Life, PlanRule, Row, accrued_by, growth_left


@dataclass(frozen=True)
class Price:
    """What a loan costs from a day on: its rate and its penalty rate, yearly fractions above 0."""

    rate: Fraction
    penalty_rate: Decimal


def unpriced(life: Life, on: date, rule: PlanRule, *, is_agreed: bool) -> str:
    """Return why the rate cannot change on `on`, or nothing where it can.

    `plan`: nothing is ahead; `method`: interest is not by what is left; `due`: something due is
    unpaid, which only what is agreed on has to mind.
    """
    if not any(not row.is_due for row in life.rows):
        return "plan"
    if rule.method not in IN_PART:
        return "method"
    late = is_agreed and any(row.is_due and row.left and row.due_on <= on for row in life.rows)
    return "due" if late else ""


def repriced(life: Life, on: date, rule: PlanRule, price: Price) -> Life:
    """Return `life`, made by `rule` so far, at another price from `on` on; not if `unpriced`."""
    terms = replace(life.terms, penalty_rate=price.penalty_rate)
    if price.rate == rule.rate:
        return replace(life, terms=terms)
    due = tuple(row for row in life.rows if row.is_due)
    running, *after = (row for row in life.rows if not row.is_due)
    new = replace(rule, rate=price.rate)
    left = sum(row.principal for row in after)
    top, bottom = growth_left(life.rows, on, new, rule.rate)
    interest = TO_THE_FEN.of((running.principal + left) * top, bottom)
    head = [replace(running, interest=interest)]
    if on > running.from_on:
        earned = accrued_by(life.rows, on)
        held = Row(running.no, running.from_on, running.due_on, 0, earned, 0, is_due=True)
        head = [held, replace(head[0], no=running.no + 1, from_on=on)]
    tail = [replace(row, no=row.no + len(head) - 1) for row in _anew(after, left, new)]
    return replace(life, terms=terms, rows=(*due, *head, *tail), accrued=0)


def _anew(rows: Sequence[Row], balance: int, rule: PlanRule) -> list[Row]:
    """Return whole periods ahead with interest by the rule, and level where they were level."""
    growths = [growth_of(rule.day_count, rule.rate, row.from_on, row.due_on) for row in rows]
    found: list[Row] = []
    for row, growth in zip(rows, growths, strict=True):
        if rule.method is Method.EQUAL_INSTALMENT and row.principal:
            break
        found.append(replace(row, interest=TO_THE_FEN.of(balance * growth[0], growth[1])))
        balance -= row.principal
    level = rows[len(found) :]
    if not level:
        return found
    columns = lowered(rule.method, balance, growths[len(found) :])
    # A balance of a few fen may be cleared before the last due date: what is then left asks fees.
    for place, row in enumerate(level):
        is_open = place < len(columns.balances)
        principal = columns.principals[place] if is_open else 0
        interest = columns.interests[place] if is_open else 0
        found.append(replace(row, principal=principal, interest=interest))
    return found
