"""The day's look at all cases: what was promised and did not come, offers that ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ReviewCases:
    """The business date that is open: promises due before it are decided."""

    on: date


@dataclass(frozen=True, kw_only=True)
class CasesReviewed:
    """How many promises were broken and offers ended."""

    broken: int
    expired: int


@operation("servicing.review-cases", restore=CasesReviewed)
def review_cases(command: ReviewCases, call: Call) -> CasesReviewed:  # noqa: ARG001
    """Break promises whose date is over, and end offers whose date is; each in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH over AS (
                 UPDATE servicing_paymentpromise SET state = 'broken', decided_on = %(on)s
                 WHERE state = 'open' AND due_on < %(on)s RETURNING case_id)
               UPDATE servicing_collectioncase AS c SET promise_due_on = NULL, next_on = %(on)s
               FROM over WHERE c.id = over.case_id""",
            {"on": command.on},
        )
        broken = cursor.rowcount
        cursor.execute(
            """UPDATE servicing_caseproposal SET state = 'expired'
               WHERE kind = 'settlement' AND state IN ('waiting', 'approved')
                 AND pay_by < %(on)s""",
            {"on": command.on},
        )
        return CasesReviewed(broken=broken, expired=cursor.rowcount)
