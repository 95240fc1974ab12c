"""A payment's money goes back after it was taken, and is owed again (拒付). Pure.

Unlike a reversal, after which the payment never was (`servicing.replay`), the payment stays in the
books: what it had settled stays settled, and the sum is asked for once more, with the instalment
in whose days it went back, or at once where the last one is over. It bears no contract interest
until then. As in the published lives of Apache Fineract (fineract-e2e-tests-runner, features
LoanChargeback.feature and Loan.feature).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from rongqiao.finance.allocation import Bucket
from rongqiao.lending.servicing.engine import MICRO, Life, Row, State


@dataclass(frozen=True)
class Again:
    """What is owed again, in fen."""

    principal: int = 0
    interest: int = 0
    penalty: int = 0
    fee: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.penalty + self.fee


def again(paid: Mapping[Bucket, int], minor: int, order: Sequence[Bucket]) -> Again:
    """Return what is owed again of `minor` fen of a payment that `paid` so much in each bucket.

    It goes back to the buckets by `order`, as far as the payment filled them; the rest, and all of
    it where the product names no order, is principal.
    """
    parts = dict.fromkeys(Bucket, 0)
    left = minor
    for bucket in order:
        parts[bucket] = min(left, paid.get(bucket, 0))
        left -= parts[bucket]
    return Again(
        principal=parts[Bucket.PRINCIPAL] + left,
        interest=parts[Bucket.INTEREST],
        penalty=parts[Bucket.PENALTY],
        fee=parts[Bucket.FEE],
    )


def charged_back(life: Life, on: date, parts: Again) -> Life:
    """Return `life` after `parts` went back on `on`, not before the loan's first day.

    A loan that was closed is live again.
    """
    rows = list(life.rows)
    place = day_of(rows, on)
    if place is None:
        last = rows[-1]
        rows.append(Row(last.no + 1, last.due_on, on, 0, 0, 0, is_due=True))
        place = len(rows) - 1
    row = rows[place]
    rows[place] = replace(
        row,
        principal=row.principal + parts.principal,
        interest=row.interest + parts.interest,
        fee=row.fee + parts.fee,
        penalty_micro=row.penalty_micro + parts.penalty * MICRO,
    )
    state = State.ACTIVE if life.state is State.CLOSED else life.state
    return replace(life, rows=tuple(rows), state=state)


def day_of(rows: Sequence[Row], on: date) -> int | None:
    """Return the place of the instalment in whose days `on` lies; None after the last one.

    Its last day is the one it is due on. What is due at once, or was paid early, has no days.
    """
    return next(
        (
            place
            for place, row in enumerate(rows)
            if on <= row.due_on and row.from_on < row.due_on and not row.is_prepayment
        ),
        None,
    )
