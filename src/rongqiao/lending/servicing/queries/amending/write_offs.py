"""Loans given up: the quote, the proposals, what was written off, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import RiskClass
from rongqiao.lending.servicing.models.amending.write_offs import LoanRecovery, WriteOff
from rongqiao.lending.servicing.models.loans import BUCKETS, Loan
from rongqiao.lending.servicing.queries.lives import bring_up
from rongqiao.lending.servicing.queries.loans import Owed
from rongqiao.platform.refusals import NotFound

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class WriteOffQuote:
    """What would leave the books of a loan now, by bucket.

    `is_fit` where it may be given up, `waiting_id` where somebody proposed that already.
    """

    loan_id: UUID
    loan_number: str
    party_id: UUID
    days_past_due: int
    risk_class: str
    amounts: Owed
    is_fit: bool
    waiting_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class RecoveryView:
    """A receipt: what was paid, by bucket, and what was owed after it."""

    id: UUID
    number: str
    loan_id: UUID
    loan_number: str
    on: date
    paid_at: datetime
    amounts: Owed
    left: Money
    journal_id: int


@dataclass(frozen=True, kw_only=True)
class WriteOffView:
    """A write-off and where it stands; actors as the record names them.

    While it waits, `amounts` are what the proposer was quoted.
    """

    id: UUID
    loan_id: UUID
    loan_number: str
    loan_state: str
    party_id: UUID
    product_code: str
    amounts: Owed
    quoted: Money
    recovered: Owed
    left: Money
    reason: str
    evidence: str
    state: str
    proposed_by: str
    proposed_at: datetime
    proposed_on: date
    decided_by: str
    decided_at: datetime | None
    decided_on: date | None
    declined_because: str
    journal_id: int | None


@dataclass(frozen=True, kw_only=True)
class WriteOffTotals:
    """All that was written off and all that came back, and how many proposals wait."""

    waiting: int
    loans: int
    written_off: Money
    recovered: Money


def quote_write_off(loan_id: UUID) -> WriteOffQuote:
    """Return what giving the loan up would take off the books. Raises NotFound."""
    loan = Loan.objects.filter(pk=loan_id).first()
    if loan is None:
        raise NotFound(what="loan")
    bring_up([loan])
    waiting = loan.write_offs.filter(state="waiting").values_list("pk", flat=True).first()
    return _quote(loan, waiting)


def list_candidates(
    text: str = "", offset: int = 0, limit: int = PAGE
) -> tuple[WriteOffQuote, ...]:
    """Return loans that may be given up and that nobody proposed, the longest overdue first."""
    loans = Loan.objects.filter(state="overdue", risk_class=RiskClass.LOSS.value)
    loans = loans.exclude(write_offs__state="waiting")
    if text:
        loans = loans.filter(number__icontains=text)
    found = list(loans.order_by("-days_past_due", "id")[offset : offset + limit])
    bring_up(found)
    return tuple(_quote(loan, None) for loan in found)


def _quote(loan: Loan, waiting: UUID | None) -> WriteOffQuote:
    return WriteOffQuote(
        loan_id=loan.pk,
        loan_number=loan.number,
        party_id=loan.party_id,
        days_past_due=loan.days_past_due,
        risk_class=loan.risk_class,
        amounts=_owed(loan, "{}_outstanding_minor"),
        is_fit=loan.state == "overdue" and loan.risk_class == RiskClass.LOSS.value,
        waiting_id=waiting,
    )


def list_write_offs(
    state: str = "", text: str = "", offset: int = 0, limit: int = PAGE
) -> tuple[WriteOffView, ...]:
    """Return write-offs, the latest proposed first.

    `state` is one of a write-off's, or `recovered` for those that came back whole; `text` is part
    of a loan's number.
    """
    rows = WriteOff.objects.select_related("loan").order_by("-proposed_at", "-id")
    if state == "recovered":
        rows = rows.filter(state="approved", loan__state="recovered")
    elif state:
        rows = rows.filter(Q(state=state) & ~Q(loan__state="recovered"))
    if text:
        rows = rows.filter(loan__number__icontains=text)
    return tuple(_view(row) for row in rows[offset : offset + limit])


def get_write_off(write_off_id: UUID) -> WriteOffView:
    """Return one write-off. Raises NotFound."""
    row = WriteOff.objects.select_related("loan").filter(pk=write_off_id).first()
    if row is None:
        raise NotFound(what="write-off")
    return _view(row)


def write_off_of(loan_id: UUID) -> WriteOffView | None:
    """Return the write-off that took a loan off the books, or None for any other loan."""
    row = WriteOff.objects.select_related("loan").filter(loan_id=loan_id, state="approved").first()
    return _view(row) if row else None


def list_recoveries(write_off_id: UUID) -> tuple[RecoveryView, ...]:
    """Return what came back of a write-off, the latest first: each left less to pay."""
    rows = LoanRecovery.objects.filter(write_off_id=write_off_id)
    return tuple(_receipt(row) for row in _with_loan(rows).order_by("left_minor"))


def get_recovery(recovery_id: UUID, party_id: UUID) -> RecoveryView:
    """Return a receipt on one of the party's loans. Raises NotFound."""
    rows = LoanRecovery.objects.filter(pk=recovery_id, write_off__loan__party_id=party_id)
    row = _with_loan(rows).first()
    if row is None:
        raise NotFound(what="recovery")
    return _receipt(row)


def write_off_totals() -> WriteOffTotals:
    """Return what was written off in all, and what came back of it."""
    approved = WriteOff.objects.filter(state="approved")
    sums = approved.aggregate(
        **{bucket: Sum(f"{bucket}_minor") for bucket in BUCKETS},
        **{f"{bucket}_back": Sum(F(f"{bucket}_recovered_minor")) for bucket in BUCKETS},
    )
    return WriteOffTotals(
        waiting=WriteOff.objects.filter(state="waiting").count(),
        loans=approved.count(),
        written_off=Money(sum(sums[bucket] or 0 for bucket in BUCKETS)),
        recovered=Money(sum(sums[f"{bucket}_back"] or 0 for bucket in BUCKETS)),
    )


def _with_loan(rows: QuerySet[LoanRecovery]) -> QuerySet[LoanRecovery]:
    return rows.select_related("write_off__loan")


def _receipt(row: LoanRecovery) -> RecoveryView:
    loan = row.write_off.loan
    return RecoveryView(
        id=row.pk,
        number=row.number,
        loan_id=loan.pk,
        loan_number=loan.number,
        on=row.on,
        paid_at=row.paid_at,
        amounts=_owed(row, "{}_minor"),
        left=Money(row.left_minor),
        journal_id=row.journal_id,
    )


def _view(row: WriteOff) -> WriteOffView:
    return WriteOffView(
        id=row.pk,
        loan_id=row.loan_id,
        loan_number=row.loan.number,
        loan_state=row.loan.state,
        party_id=row.loan.party_id,
        product_code=row.loan.product_code,
        amounts=_owed(row, "{}_minor"),
        quoted=Money(row.quoted_minor),
        recovered=_owed(row, "{}_recovered_minor"),
        left=Money(row.left_minor if row.state == "approved" else 0),
        reason=row.reason,
        evidence=row.evidence,
        state=row.state,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        proposed_on=row.proposed_on,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decided_on=row.decided_on,
        declined_because=row.declined_because,
        journal_id=row.journal_id,
    )


def _owed(row: Loan | WriteOff | LoanRecovery, column: str) -> Owed:
    return Owed(**{bucket: Money(getattr(row, column.format(bucket))) for bucket in BUCKETS})
