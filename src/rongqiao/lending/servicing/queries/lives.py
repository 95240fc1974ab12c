"""A loan as the pure engine knows it, and brought up to date for reading."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from rongqiao.finance.schedule.terms import Method
from rongqiao.lending.servicing.engine import (
    Choice,
    Life,
    PlanRule,
    Prepayment,
    Row,
    State,
    Terms,
    choices,
)
from rongqiao.lending.servicing.models.closing_days import ParkedLoan
from rongqiao.lending.servicing.models.loans import Instalment, Loan
from rongqiao.platform.models import BusinessDate


def bring_up(loans: Iterable[Loan]) -> None:
    """Count in, on these objects, the interest that closed business dates have booked.

    For reading: an operation that changes a loan asks under a lock (settling.bring_up).
    """
    found = list(loans)
    business = BusinessDate.objects.filter(pk=1).first()
    if business is None:
        return
    aside = ParkedLoan.objects.filter(released_at=None, loan__in=found)
    booked_to = {row.loan_id: row.booked_to for row in aside}
    for loan in found:
        loan.accrue_to(booked_to.get(loan.pk, business.on))


def life_of(loan: Loan) -> Life:
    """Return the loan with all its instalments as the engine's Life."""
    bring_up([loan])
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
        watched_from=loan.watched_from,
        watched_until=loan.watched_until,
    )


def prepayment_of(loan: Loan) -> Prepayment:
    """Return what the loan's product charges for paying early."""
    return Prepayment(fee_rate=loan.prepayment_fee_rate, free_after=loan.prepayment_fee_free_after)


def plan_rule_of(loan: Loan) -> PlanRule:
    """Return how the loan's plan was made, so that a new one can be made alike."""
    return PlanRule(Method(loan.method), Fraction(loan.rate_annual), loan.day_count)


def choices_of(loan: Loan, life: Life) -> tuple[Choice, ...]:
    """Return what a prepayment in part may do on this loan, by its product and its plan."""
    possible = choices(life, plan_rule_of(loan))
    if loan.prepayment == "any":
        return possible
    return tuple(choice for choice in possible if choice.value == loan.prepayment)


def _row(row: Instalment) -> Row:
    # What was waived of a due instalment is not asked for any more.
    interest = row.interest_charged_minor if row.is_due else row.interest_minor
    fee = row.fee_charged_minor if row.is_due else row.fee_minor
    return Row(
        no=row.no,
        from_on=row.from_on,
        due_on=row.due_on,
        principal=row.principal_minor,
        interest=interest,
        fee=fee,
        is_due=row.is_due,
        penalty_micro=row.penalty_micro,
        principal_paid=row.principal_paid_minor,
        interest_paid=row.interest_paid_minor,
        fee_paid=row.fee_paid_minor,
        penalty_paid=row.penalty_paid_minor,
        is_prepayment=row.is_prepayment,
    )
