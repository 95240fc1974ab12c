"""Keep what the portfolio looked like as a business date closed, by product and class."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from rongqiao.lending.servicing.models.loans import LIVE
from rongqiao.lending.servicing.operations.end_of_day.close_chunk import Done
from rongqiao.lending.servicing.queries.portfolio import INTEREST_OWED, LOANS_AND_PARKED
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class TakeSnapshot:
    """The closing business date."""

    on: date


@operation("servicing.take-snapshot", restore=Done)
def take_snapshot(command: TakeSnapshot, call: Call) -> Done:  # noqa: ARG001
    """Write one row per product and class that has live loans."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO servicing_portfolioday ("on", product_code, risk_class, loans,
                 loans_overdue, principal_minor, interest_minor, penalty_minor, fee_minor)
               SELECT %(on)s, product_code, risk_class, count(*),
                 count(*) FILTER (WHERE state = 'overdue'),
                 sum(principal_outstanding_minor)::bigint, sum({INTEREST_OWED})::bigint,
                 sum(penalty_outstanding_minor)::bigint, sum(fee_outstanding_minor)::bigint
               FROM {LOANS_AND_PARKED} WHERE state = ANY(%(live)s)
               GROUP BY product_code, risk_class ORDER BY product_code, risk_class
               ON CONFLICT DO NOTHING""",  # noqa: S608 - own words
            {
                "on": command.on,
                "live": list(LIVE),
                "booked_to": command.on + timedelta(days=1),
            },
        )
        return Done(changed=cursor.rowcount)
