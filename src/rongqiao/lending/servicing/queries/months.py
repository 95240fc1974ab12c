"""How the loans moved from one month's end to the next, summed up by cohort."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from rongqiao.lending.servicing.models.loan_months import LOST
from rongqiao.lending.servicing.models.loans import GIVEN_UP, Loan


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Loans of a product and a month of lending that moved between two places in one month.

    `was` and `now` are places of models.loan_months (0 current, 1-29, 30-59, 60-89, 90+, 5 paid,
    6 lost); `was` is None for loans lent in the month and -1 for older ones of which no month is
    kept. Amounts are fen: lent at first, owed at either end, expected to be repaid between them,
    and repaid beyond that; `reached_30` and `reached_90` count those that came that far past due
    for the first time.
    """

    product_code: str
    lent_in: date
    was: int | None
    now: int
    loans: int
    lent_minor: int
    before_minor: int
    expected_minor: int
    now_minor: int
    prepaid_minor: int
    reached_30: int
    reached_30_lent_minor: int
    reached_90: int
    reached_90_lent_minor: int


_MOVED = """
SELECT now.product_code, now.lent_in,
  CASE WHEN was.bucket IS NOT NULL THEN was.bucket WHEN now.lent_in < %(first)s THEN -1 END,
  now.bucket, count(*), sum(now.lent_minor)::bigint,
  coalesce(sum(was.principal_minor), 0)::bigint, coalesce(sum(was.expected_minor), 0)::bigint,
  sum(now.principal_minor)::bigint,
  coalesce(sum(greatest(was.principal_minor - now.principal_minor - was.expected_minor, 0))
    FILTER (WHERE was.bucket IS NOT NULL AND now.bucket <> %(lost)s), 0)::bigint,
  count(*) FILTER (WHERE now.worst >= 1 AND coalesce(was.worst, 0) < 1),
  coalesce(sum(now.lent_minor) FILTER (WHERE now.worst >= 1 AND coalesce(was.worst, 0) < 1),
           0)::bigint,
  count(*) FILTER (WHERE now.worst >= 2 AND coalesce(was.worst, 0) < 2),
  coalesce(sum(now.lent_minor) FILTER (WHERE now.worst >= 2 AND coalesce(was.worst, 0) < 2),
           0)::bigint
FROM servicing_loanmonth AS now
LEFT JOIN servicing_loanmonth AS was ON was."on" = %(before)s AND was.loan_id = now.loan_id
WHERE now."on" = %(on)s
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
"""


def moved_in_month(on: date) -> tuple[Moved, ...]:
    """Return the moves of the month that ended on `on`; nothing where it was not kept."""
    first = on.replace(day=1)
    parameters: dict[str, Any] = {
        "on": on,
        "first": first,
        "before": first - timedelta(days=1),
        "lost": LOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, parameters)
        return tuple(
            Moved(**dict(zip(Moved.__dataclass_fields__, row, strict=True)))
            for row in cursor.fetchall()
        )


def turned_bad(
    agreement_ids: Iterable[UUID], on: date, days: int, watched: int
) -> dict[UUID, bool]:
    """Return for each agreement whose end is known whether its loan went bad, in one query.

    Bad: ever `days` past due, or given up. Good: paid back, or lent `watched` days before `on`.
    Of others nothing is known yet.
    """
    rows = Loan.objects.filter(agreement_id__in=set(agreement_ids)).exclude(
        state__in=("pending", "cancelled")
    )
    found = {}
    for agreement_id, state, worst, lent_on in rows.values_list(
        "agreement_id", "state", "days_past_due_worst", "disbursed_on"
    ):
        if state in GIVEN_UP or worst >= days:
            found[agreement_id] = True
        elif state == "closed" or (on - lent_on).days >= watched:
            found[agreement_id] = False
    return found
