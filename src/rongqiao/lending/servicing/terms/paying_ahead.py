"""Principal paid early into the running instalment, whose due date and interest stay its own. Pure.

The other way to pay a part early: `engine.prepaid` asks at once for the interest of the days used,
and ends them there; here that interest waits for the due date, and only the days after the payment
are counted on what is left. What was earned before stays to the fen, for the running period is
split there. As in the published lives of Apache Fineract whose interest is recalculated day by day
(fineract-e2e-tests-runner, LoanRepayment.feature).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from rongqiao.finance.rounding import TO_THE_FEN
from rongqiao.finance.schedule.remaining import AMORTISING, growth_of, lowered
from rongqiao.lending.servicing.engine import Life, PlanRule, Row, accrued_by, growth_left


def unpayable(life: Life, on: date, minor: int, rule: PlanRule) -> str:
    """Return why `minor` fen cannot be paid ahead so on `on`, or nothing where they can.

    `method`: instalments do not repay by what is left; `plan`: nothing is ahead; `due`: something
    is due and unpaid; `day`: not inside the running period, or a second time in it; `amount`: not
    above 0, or all there is.
    """
    if rule.method not in AMORTISING:
        return "method"
    ahead = [row for row in life.rows if not row.is_due]
    if not ahead:
        return "plan"
    if any(row.is_due and row.left and row.due_on <= on for row in life.rows):
        return "due"
    if ahead[0].principal_paid or not ahead[0].from_on < on < ahead[0].due_on:
        return "day"
    return "" if 0 < minor < sum(row.principal for row in ahead) else "amount"


def paid_ahead(life: Life, on: date, minor: int, rule: PlanRule) -> Life:
    """Return `life`, its plan made by `rule`, after `minor` fen of principal were paid on `on`.

    The running instalment asks for what was paid where that is more than its part; the instalments
    after it are level on what is then left. ValueError where it is `unpayable`.
    """
    if reason := unpayable(life, on, minor, rule):
        raise ValueError(reason)
    due = [row for row in life.rows if row.is_due]
    running, *after = (row for row in life.rows if not row.is_due)
    balance = running.principal + sum(row.principal for row in after)
    earned = accrued_by(life.rows, on)
    held = Row(running.no, running.from_on, running.due_on, 0, earned, 0, is_due=True)
    top, bottom = growth_left(life.rows, on, rule)
    rest = replace(
        running,
        no=running.no + 1,
        from_on=on,
        principal=max(running.principal, minor),
        interest=TO_THE_FEN.of((balance - minor) * top, bottom),
        principal_paid=minor,
    )
    if minor > running.principal:
        after = _levelled(after, balance - minor, rule)
    moved = [replace(row, no=row.no + 1) for row in after]
    return replace(life, rows=(*due, held, rest, *moved), accrued=0)


def _levelled(rows: Sequence[Row], balance: int, rule: PlanRule) -> list[Row]:
    """Return the rows level on the balance; once it is cleared they ask for fees alone."""
    growths = [growth_of(rule.day_count, rule.rate, row.from_on, row.due_on) for row in rows]
    columns = lowered(rule.method, balance, growths, rule.rounding)
    asked = list(zip(columns.principals, columns.interests, strict=True))
    asked += [(0, 0)] * (len(rows) - len(asked))
    return [
        replace(row, principal=principal, interest=interest)
        for row, (principal, interest) in zip(rows, asked, strict=True)
    ]
