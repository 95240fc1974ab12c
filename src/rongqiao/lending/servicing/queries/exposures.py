"""What loans owe against what counts under concentration limits, and who owes."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.models import Max

from rongqiao.finance.money import Money
from rongqiao.lending.origination.queries.concentration import (
    COMMITTED,
    EXAMPLES,
    ExposuresChecked,
    check_exposures,
    settled_at,
)
from rongqiao.lending.servicing.models.loans import Loan

FIRST = UUID(int=0)

# Both sides are read whole and joined once: what differs is what was paid back, written off or
# owed again since the last close, however it came about.
_DIFFERENT = f"""
SELECT committed.agreement_id, loan.principal_outstanding_minor
FROM {COMMITTED} AS committed JOIN servicing_loan AS loan USING (agreement_id)
WHERE committed.left_minor <> loan.principal_outstanding_minor AND committed.agreement_id > %s
ORDER BY committed.agreement_id LIMIT %s
"""  # noqa: S608 - own words
# An hour's grace: a payment that was under way while the close looked has its own time.
_MISSED = f"""
SELECT loan.number
FROM {COMMITTED} AS committed JOIN servicing_loan AS loan USING (agreement_id)
WHERE committed.left_minor <> loan.principal_outstanding_minor AND NOT EXISTS (
  SELECT FROM servicing_loanentry AS entry
  WHERE entry.loan_id = loan.id AND entry.principal_minor <> 0
    AND entry.booked_at > %s::timestamptz - interval '1 hour')
ORDER BY loan.number
"""  # noqa: S608 - own words


def list_unsettled(after: UUID = FIRST, *, limit: int) -> tuple[tuple[UUID, Money], ...]:
    """Return agreements counted at another sum than their loans owe, and that principal.

    In the order of agreements, from the one after `after`.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENT, [after, limit])
        return tuple((agreement_id, Money(minor)) for agreement_id, minor in cursor.fetchall())


def check_settled() -> ExposuresChecked:
    """Check exposures against commitments, and those against what loans owed at the last close.

    What was paid or lent since then is taken in by the next one.
    """
    found, last = check_exposures(), settled_at()
    if last is None:
        return found
    with connection.cursor() as cursor:
        cursor.execute(_MISSED, [last])
        missed = [f"loan {number}" for (number,) in cursor.fetchall()]
    return ExposuresChecked(
        checked=found.checked,
        broken=found.broken + len(missed),
        examples=(*found.examples, *missed)[:EXAMPLES],
    )


def debtors() -> dict[UUID, int]:
    """Return the days past due of the latest loan of each party with a live one, in one query."""
    rows = Loan.objects.live().values_list("party_id")
    return dict(rows.annotate(late=Max("days_past_due")).order_by("party_id"))
