"""A further sum on a loan whose instalments are equal parts of all that was lent. Pure.

Every instalment asks for the same part of all that was ever lent, as if it had been lent from the
first day; what fell due before the draw stays, and the last instalment bears the rest. None asks
for less than was paid of it. An instalment due on the day of the draw takes part. Part of every
draw may be due at once (a down payment). For loans without interest, as in the published lives of
Apache Fineract (fineract-e2e-tests-runner, LoanDownPayment.feature); where interest is borne, or
the draw goes in level parts to what is ahead, it is `terms.drawing`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rongqiao.finance.rounding import Rounding
from rongqiao.lending.servicing.engine import Life, Row


def undrawable(life: Life, on: date, minor: int) -> str:
    """Return why `minor` fen cannot be drawn on `on`, or nothing where they can.

    `amount`: not above 0; `interest`: the loan bears some; `plan`: no instalment with principal is
    due on that day or later.
    """
    if minor <= 0:
        return "amount"
    if any(row.interest for row in life.rows):
        return "interest"
    return "" if any(row.due_on >= on and _is_instalment(row) for row in life.rows) else "plan"


def drawn_over_all(life: Life, on: date, minor: int, rounding: Rounding) -> Life:
    """Return `life` after `minor` fen were lent on `on`, in the parts of a plan over all of it.

    Raises ValueError where they are `undrawable`.
    """
    if reason := undrawable(life, on, minor):
        raise ValueError(reason)
    instalments = [row for row in life.rows if _is_instalment(row)]
    whole = sum(row.principal for row in instalments) + minor
    left = whole - sum(row.principal for row in instalments if row.due_on < on)
    ahead = [row for row in instalments if row.due_on >= on]
    part = rounding.of(whole, len(instalments))
    # Later instalments may be paid already: what was paid of them is not given to earlier ones.
    paid_later = sum(row.principal_paid for row in ahead)
    parts: dict[int, int] = {}
    for row in ahead[:-1]:
        paid_later -= row.principal_paid
        parts[row.no] = min(left - paid_later, max(row.principal_paid, part))
        left -= parts[row.no]
    parts[ahead[-1].no] = left
    rows = tuple(replace(row, principal=parts.get(row.no, row.principal)) for row in life.rows)
    return replace(life, rows=rows)


def asked_at_once(life: Life, on: date, minor: int, *, is_first: bool) -> Life:
    """Return `life` with `minor` fen of principal due on `on` as an instalment without days.

    It comes before the instalment due on the same day where it `is_first`, else after it.
    """
    place = sum(
        row.due_on < on or (row.due_on == on and not (is_first and row.from_on < row.due_on))
        for row in life.rows
    )
    asked = Row(place + 1, on, on, minor, 0, 0, is_due=True)
    after = (replace(row, no=row.no + 1) for row in life.rows[place:])
    return replace(life, rows=(*life.rows[:place], asked, *after))


def _is_instalment(row: Row) -> bool:
    return bool(row.principal) and row.from_on < row.due_on
