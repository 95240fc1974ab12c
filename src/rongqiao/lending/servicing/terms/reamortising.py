"""What is late of a loan without interest, spread over the instalments ahead. Pure.

Principal alone moves: fees and penalty stay where they are late. Due dates stay, and with them the
loan's end. As in the published lives of Apache Fineract (fineract-e2e-tests-runner,
LoanReAmortization.feature); of a loan that bears interest it is `terms.restructuring`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rongqiao.finance.rounding import Rounding
from rongqiao.lending.servicing.engine import Life, owing_less


def unmovable(life: Life, on: date) -> str:
    """Return why nothing can be spread on `on`, or nothing where it can.

    `interest`: the loan bears some; `plan`: no instalment is ahead; `due`: no principal is late.
    """
    if any(row.interest for row in life.rows):
        return "interest"
    if not any(row.due_on > on and row.principal for row in life.rows):
        return "plan"
    is_late = any(row.due_on <= on and row.principal > row.principal_paid for row in life.rows)
    return "" if is_late else "due"


def reamortised(life: Life, on: date, rounding: Rounding) -> Life:
    """Return `life` after unpaid principal due by `on` went in equal parts to what is ahead.

    Parts are rounded, the last instalment takes what is left. ValueError where it is `unmovable`.
    """
    if reason := unmovable(life, on):
        raise ValueError(reason)
    late = sum(row.principal - row.principal_paid for row in life.rows if row.due_on <= on)
    ahead = [row.no for row in life.rows if row.due_on > on and row.principal]
    parts: dict[int, int] = {}
    left = late
    for no in ahead[:-1]:
        parts[no] = min(left, rounding.of(late, len(ahead)))
        left -= parts[no]
    parts[ahead[-1]] = left
    rows = tuple(
        replace(row, principal=row.principal_paid)
        if row.due_on <= on
        else replace(row, principal=row.principal + parts.get(row.no, 0))
        for row in life.rows
    )
    return owing_less(life, rows, on)
