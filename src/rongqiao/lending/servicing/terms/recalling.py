"""A loan called back whole before its time: what is ahead falls due on one day. Pure.

Interest is owed for the days the money was used and no more (Civil Code, article 677); fees of
months that do not come are not asked for. From that day on the loan is as any other that is due.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rongqiao.lending.servicing.engine import Life, Row, accrued_by


def recalled(life: Life, on: date) -> Life:
    """Return `life`, with something ahead, after all of it fell due on `on`."""
    due = [
        replace(row, due_on=min(row.due_on, on)) if row.left else row
        for row in life.rows
        if row.is_due
    ]
    running, *after = (row for row in life.rows if not row.is_due)
    principal = running.principal + sum(row.principal for row in after)
    earned = accrued_by(life.rows, on)
    whole = Row(running.no, running.from_on, on, principal, earned, 0, is_due=True)
    return replace(life, rows=(*due, whole), accrued=0)
