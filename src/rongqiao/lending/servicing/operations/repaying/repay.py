"""Take a payment from the borrower's wallet: allocate it, book it, tell it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.allocation import Allocation, Bucket, Due, Order, allocate
from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.settling import (
    AlreadyPaid,
    locked_loan,
    refresh,
    tell,
    write_entry,
    write_rows,
)
from rongqiao.lending.servicing.postings import Parts
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class AmountNotPositive(Refusal):
    """A payment is more than nothing."""

    kind, code = Kind.INVALID, "servicing.amount-not-positive"


class MoreThanOwed(Refusal):
    """The amount is more than what is due by today; `owed` says how much that is."""

    kind, code = Kind.INVALID, "servicing.more-than-owed"


class DueChanged(Refusal):
    """What is left of the instalment is not what the payer was shown; `owed` is the figure now."""

    code = "servicing.due-changed"


class NotYetDue(Refusal):
    """The instalment is not due yet; a payoff pays ahead."""

    code = "servicing.not-yet-due"


@dataclass(frozen=True, kw_only=True)
class Repay:
    """Pay `amount` on a loan; with `instalment_no` on that instalment alone.

    `expected` is what the payer was shown as left of it: two payers shown the same figure cannot
    both succeed.
    """

    loan_id: UUID
    party_id: UUID
    amount: Money
    instalment_no: int | None = None
    expected: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Repaid:
    """What was paid, by bucket, and what of the loan is left owed in all."""

    loan_id: UUID
    principal: Money
    interest: Money
    penalty: Money
    fee: Money
    left: Money
    state: str


@operation("servicing.repay", restore=Repaid)
def repay(command: Repay, call: Call) -> Repaid:
    """Pay what is due by today, in the product's order, oldest instalment first.

    Raises AmountNotPositive, AlreadyPaid, NotYetDue, DueChanged, MoreThanOwed, NotFound, and the
    ledger's refusal where the wallet does not hold enough.
    """
    if command.amount.minor <= 0:
        raise AmountNotPositive(value=command.amount.text(), allowed="0.01")
    loan = locked_loan(command.loan_id, command.party_id, call)
    due = loan.instalments.filter(is_due=True, due_on__lte=call.on, settled_on=None)
    rows = list(due.order_by("no"))
    payable = _payable(loan, rows, command)
    dues = [
        Due(row.no, bucket, Money(row.left(bucket)))
        for row in payable
        for bucket in Bucket
        if row.left(bucket)
    ]
    allocation = allocate(command.amount, dues, Order(loan.allocation_order))
    paid = Parts(**{bucket.value: allocation.of(bucket).minor for bucket in Bucket})
    _book(loan, payable, allocation, command, call)
    refresh(loan, [row for row in rows if row.settled_on is None], call)
    tell(loan, paid, call)
    return Repaid(
        loan_id=loan.pk,
        principal=Money(paid.principal),
        interest=Money(paid.interest),
        penalty=Money(paid.penalty),
        fee=Money(paid.fee),
        left=Money(loan.owed_minor),
        state=loan.state,
    )


def _payable(loan: Loan, rows: list[Instalment], command: Repay) -> list[Instalment]:
    """Return the instalments the command may pay, after every check on them."""
    payable = rows
    if command.instalment_no is not None:
        payable = [row for row in rows if row.no == command.instalment_no]
        ahead = loan.instalments.filter(no=command.instalment_no, settled_on=None)
        if not payable and (row := ahead.first()):
            raise NotYetDue(no=str(row.no), due_on=row.due_on.isoformat())
    owed = sum(row.left_minor for row in payable)
    if owed == 0:
        raise AlreadyPaid(number=loan.number)
    if command.expected is not None and command.expected.minor != owed:
        raise DueChanged(expected=command.expected.text(), owed=Money(owed).text())
    if command.amount.minor > owed:
        raise MoreThanOwed(value=command.amount.text(), owed=Money(owed).text())
    return payable


def _book(
    loan: Loan, payable: list[Instalment], allocation: Allocation, command: Repay, call: Call
) -> None:
    paid = Parts(**{bucket.value: allocation.of(bucket).minor for bucket in Bucket})
    journal = postings.repayment(loan.number, loan.product_code, loan.party_id, paid, call.on)
    (journal_id,) = post([journal], call)
    changed, entries = [], []
    for row in payable:
        settled = [due for due in allocation.paid if due.instalment == row.no]
        if not settled:
            continue
        for due in settled:
            row.pay(due.bucket, due.amount.minor)
        minus = Parts(**{due.bucket.value: -due.amount.minor for due in settled})
        entry = write_entry(loan, "repayment", minus, call, journal=journal_id, no=row.no)
        entry.is_chosen = command.instalment_no is not None
        entries.append(entry)
        changed.append(row)
    write_rows(changed, call)
    LoanEntry.objects.bulk_create(entries)
    loan.take(paid.principal, paid.interest, paid.penalty, paid.fee)
