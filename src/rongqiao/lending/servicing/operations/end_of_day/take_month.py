"""Keep every live loan as it stood when a month ended, and how the others left in that month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from rongqiao.lending.servicing.models.loan_months import (
    CURRENT,
    LATE_1,
    LATE_30,
    LATE_60,
    LATE_90,
    LOST,
    PAID,
)
from rongqiao.lending.servicing.models.loans import LIVE
from rongqiao.lending.servicing.operations.end_of_day.close_chunk import Done
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class TakeMonth:
    """The last day of a month, whose instalments fell due and whose loans were aged."""

    on: date


# One statement, so that the month is kept whole or not at all.
_TAKE = """
INSERT INTO servicing_loanmonth ("on", loan_id, product_code, lent_in, bucket, worst, risk_class,
  lent_minor, principal_minor, expected_minor)
SELECT %(on)s, loan.id, loan.product_code, date_trunc('month', loan.disbursed_on)::date,
  CASE WHEN loan.state = 'closed' THEN %(paid)s
       WHEN NOT loan.state = ANY(%(live)s) THEN %(lost)s
       WHEN loan.days_past_due >= 90 THEN %(late_90)s
       WHEN loan.days_past_due >= 60 THEN %(late_60)s
       WHEN loan.days_past_due >= 30 THEN %(late_30)s
       WHEN loan.days_past_due > 0 THEN %(late_1)s
       ELSE %(current)s END,
  CASE WHEN loan.days_past_due_worst >= 90 THEN 2
       WHEN loan.days_past_due_worst >= 30 THEN 1 ELSE 0 END,
  loan.risk_class, loan.principal_minor, loan.principal_outstanding_minor,
  coalesce(part.expected, 0)
FROM servicing_loan AS loan LEFT JOIN (
  SELECT loan_id, sum(principal_minor - principal_paid_minor)::bigint AS expected
  FROM servicing_instalment WHERE settled_on IS NULL AND due_on <= %(next)s GROUP BY loan_id
) AS part ON part.loan_id = loan.id
WHERE loan.state = ANY(%(live)s) OR loan.closed_on BETWEEN %(first)s AND %(on)s
ON CONFLICT DO NOTHING
"""


@operation("servicing.take-month", restore=Done)
def take_month(command: TakeMonth, call: Call) -> Done:  # noqa: ARG001
    """Write one row per loan that was live in the month. Raises ValueError for another day."""
    opening = command.on + timedelta(days=1)
    if opening.day != 1:
        raise ValueError(f"{command.on} is not the last day of a month")
    parameters: dict[str, Any] = {
        "on": command.on,
        "first": command.on.replace(day=1),
        "next": (opening + timedelta(days=31)).replace(day=1) - timedelta(days=1),
        "live": list(LIVE),
        "current": CURRENT,
        "late_1": LATE_1,
        "late_30": LATE_30,
        "late_60": LATE_60,
        "late_90": LATE_90,
        "paid": PAID,
        "lost": LOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, parameters)
        return Done(changed=cursor.rowcount)
