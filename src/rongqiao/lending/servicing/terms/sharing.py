"""Money shared among what is late, what is due that day and what is ahead, the plan kept. Pure.

A payment beyond what is due, or a credit that the lender gives (goodwill), settles instalments
before their time; interest is not lowered by it, as in the published lives of Apache Fineract that
are allocated in advance (fineract-e2e-tests-runner, Loan.feature). Which instalment comes first is
the product's: of a lender's credit it is the last one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum

from rongqiao.finance.allocation import Allocation, Order, allocate
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import Life, Row, credited, dues_of, owing_less


class Ahead(StrEnum):
    """Which instalment ahead is settled first: the next, the last, or all in equal parts."""

    NEXT = "next"
    LAST = "last"
    SPREAD = "spread"


def shared(life: Life, on: date, minor: int, order: Order, ahead: Ahead) -> tuple[Life, int]:
    """Return `life` after `minor` fen were given for it on `on`, and what nothing was owed for.

    What is late comes first, whole, then what is due that day, each in this order.
    """
    rows, left = life.rows, minor
    late = [row for row in rows if row.due_on < on]
    today = [row for row in rows if row.due_on == on]
    for some in (late, today):
        settled = allocate(Money(left), dues_of(some), order)
        rows, left = credited(rows, settled), settled.left_over.minor
    after = [row for row in rows if row.due_on > on]
    rows, left = _SHARES[ahead](rows, after, left, order)
    return owing_less(life, rows, on), left


def _next(
    rows: tuple[Row, ...], after: Sequence[Row], minor: int, order: Order
) -> tuple[tuple[Row, ...], int]:
    settled = allocate(Money(minor), dues_of(after), order)
    return credited(rows, settled), settled.left_over.minor


def _last(
    rows: tuple[Row, ...], after: Sequence[Row], minor: int, order: Order
) -> tuple[tuple[Row, ...], int]:
    turned = [replace(due, instalment=-due.instalment) for due in dues_of(after)]
    settled = allocate(Money(minor), turned, order)
    paid = tuple(replace(due, instalment=-due.instalment) for due in settled.paid)
    back = Allocation(paid, settled.total, settled.left_over)
    return credited(rows, back), settled.left_over.minor


def _spread(
    rows: tuple[Row, ...], after: Sequence[Row], minor: int, order: Order
) -> tuple[tuple[Row, ...], int]:
    """Give every instalment the same, the last what rounding leaves; none more than it asks."""
    numbers = {row.no for row in after}
    while minor:
        open_rows = [row for row in rows if row.no in numbers and row.left]
        if not open_rows:
            break
        part, rest = divmod(minor, len(open_rows))
        for row in open_rows:
            share = part + (rest if row is open_rows[-1] else 0)
            settled = allocate(Money(share), dues_of([row]), order)
            rows = credited(rows, settled)
            minor -= settled.total.minor
    return rows, minor


_SHARES = {Ahead.NEXT: _next, Ahead.LAST: _last, Ahead.SPREAD: _spread}
