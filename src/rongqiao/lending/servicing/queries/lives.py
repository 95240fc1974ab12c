"""A loan's rows as the pure engine knows them."""

from __future__ import annotations

from rongqiao.lending.servicing.engine import Life, Prepayment, Row, State, Terms
from rongqiao.lending.servicing.models.loans import Instalment, Loan


def life_of(loan: Loan) -> Life:
    """Return the loan with all its instalments as the engine's Life."""
    return Life(
        terms=Terms(
            penalty_rate=loan.penalty_rate_annual,
            grace_days=loan.grace_days,
            is_penalty_on_interest=loan.is_penalty_on_interest,
        ),
        rows=tuple(_row(row) for row in loan.instalments.order_by("no")),
        accrued=loan.period_accrued_minor,
        days_past_due=loan.days_past_due,
        state=State(loan.state),
    )


def prepayment_of(loan: Loan) -> Prepayment:
    """Return what the loan's product charges for paying early."""
    return Prepayment(fee_rate=loan.prepayment_fee_rate, free_after=loan.prepayment_fee_free_after)


def _row(row: Instalment) -> Row:
    return Row(
        no=row.no,
        from_on=row.from_on,
        due_on=row.due_on,
        principal=row.principal_minor,
        interest=row.interest_minor,
        fee=row.fee_minor,
        is_due=row.is_due,
        penalty_micro=row.penalty_micro,
        principal_paid=row.principal_paid_minor,
        interest_paid=row.interest_paid_minor,
        fee_paid=row.fee_paid_minor,
        penalty_paid=row.penalty_paid_minor,
    )
