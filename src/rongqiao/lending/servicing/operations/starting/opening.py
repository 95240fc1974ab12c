"""The rows of a new loan, inside the operation that lends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.schedule.result import Row
from rongqiao.lending.servicing.models.loans import Instalment, Loan
from rongqiao.lending.servicing.operations.repaying.settling import hold_accrual


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What servicing keeps of an agreement and its product's terms; amounts in fen."""

    agreement_id: UUID
    drawing_id: UUID | None
    party_id: UUID
    product_code: str
    product_version: int
    method: str
    day_count: str
    principal: int
    rate_annual: Decimal
    penalty_rate_annual: Decimal
    grace_days: int
    is_penalty_on_interest: bool
    prepayment: str
    prepayment_fee_rate: Decimal
    prepayment_fee_free_after: int
    allocation_order: str


def open_loan(
    contract: Contract, rows: Sequence[Row], *, loan_id: UUID, number: str, at: datetime, on: date
) -> Loan:
    """Write the loan and its instalments as the schedule's `rows` say; return the loan."""
    first = rows[0]
    booked_to = hold_accrual(loan_id)
    loan = Loan(
        id=loan_id,
        number=number,
        party_id=contract.party_id,
        agreement_id=contract.agreement_id,
        drawing_id=contract.drawing_id,
        product_code=contract.product_code,
        product_version=contract.product_version,
        method=contract.method,
        rate_annual=contract.rate_annual,
        penalty_rate_annual=contract.penalty_rate_annual,
        grace_days=contract.grace_days,
        is_penalty_on_interest=contract.is_penalty_on_interest,
        is_prepayable=contract.prepayment != "none",
        prepayment=contract.prepayment,
        day_count=contract.day_count,
        prepayment_fee_rate=contract.prepayment_fee_rate,
        prepayment_fee_free_after=contract.prepayment_fee_free_after,
        allocation_order=contract.allocation_order,
        state="active",
        principal_minor=contract.principal,
        principal_outstanding_minor=contract.principal,
        disbursed_at=at,
        disbursed_on=on,
        matures_on=rows[-1].due_on,
        period_no=first.no,
        period_from_on=first.from_on,
        period_due_on=first.due_on,
        period_interest_minor=first.interest,
        accrued_on=booked_to,
    )
    loan.save(force_insert=True)
    Instalment.objects.bulk_create(
        Instalment(
            loan=loan,
            no=row.no,
            from_on=row.from_on,
            due_on=row.due_on,
            days=row.days,
            principal_minor=row.principal,
            interest_minor=row.interest,
            fee_minor=row.fee,
            balance_minor=row.balance,
        )
        for row in rows
    )
    return loan
