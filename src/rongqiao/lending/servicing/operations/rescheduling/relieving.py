"""What a restructuring changes on the loan beside its plan: what was late, its watch, its class."""

from __future__ import annotations

from rongqiao.lending.servicing.engine import Life, RiskClass
from rongqiao.lending.servicing.grading import restructured_class
from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.platform.operations import Call


def relieve(change: TermChange, loan: Loan, before: Life, after: Life, call: Call) -> None:
    """Keep on `change` how the late rows stood, and watch the loan; the caller saves both."""
    was = {row.no: row for row in before.rows if row.is_due}
    change.arrears = [
        [row.no, old.due_on.isoformat(), old.principal]
        for row in after.rows
        if (old := was.get(row.no)) and (old.due_on, old.principal) != (row.due_on, row.principal)
    ]
    held, is_again = RiskClass(loan.risk_class), loan.watched_until is not None
    loan.risk_class = restructured_class(held, is_again=is_again, on=call.on).value
    loan.state, loan.days_past_due = after.state.value, 0
    loan.watched_from, loan.watched_until = after.watched_from, after.watched_until
