"""Take a payment on a written-off loan from the borrower's wallet: what was lost comes back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.allocation import Bucket, Due, Order, allocate
from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.events import LoanRecovered
from rongqiao.lending.servicing.models.amending.write_offs import LoanRecovery, WriteOff
from rongqiao.lending.servicing.models.loans import BUCKETS, Loan
from rongqiao.lending.servicing.operations.provisioning.reserving import (
    entry,
    hold_allowance_on,
)
from rongqiao.lending.servicing.operations.writing_off.deciding import locked
from rongqiao.lending.servicing.postings import Parts
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.parties.queries import acts_for, user_of
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal

RECOVERED = [f"{bucket}_recovered_minor" for bucket in BUCKETS]


class NothingToRecover(Refusal):
    """The loan is not written off, or all of it has come back; fact: `state`."""

    code = "servicing.nothing-to-recover"


class RecoveryOutOfRange(Refusal):
    """Nothing was to be paid, or more than is owed; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.recovery-out-of-range"


@dataclass(frozen=True, kw_only=True)
class Recover:
    """How much the party pays on its written-off loan."""

    loan_id: UUID
    party_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """The receipt: its number, what was paid by bucket, and what is still owed."""

    recovery_id: UUID
    number: str
    loan_id: UUID
    principal: Money
    interest: Money
    penalty: Money
    fee: Money
    left: Money
    state: str


@operation("servicing.recover", restore=Recovered)
def recover(command: Recover, call: Call) -> Recovered:
    """Book a payment on what is still owed, in the order of the Civil Code, article 561.

    The allowance has it back. Raises NotFound, NothingToRecover, RecoveryOutOfRange,
    DayValued, and the ledger's refusal where the wallet does not hold enough.
    """
    loan, write_off = _owed_by(command, call)
    if not 0 < command.amount.minor <= write_off.left_minor:
        raise RecoveryOutOfRange(
            value=command.amount.text(), allowed=f"0.01 - {Money(write_off.left_minor).text()}"
        )
    paid = shared(write_off, command.amount)
    hold_allowance_on(call.on)
    open_accounts([postings.allowance_account(loan.product_code)], call)
    (journal,) = post(
        [postings.recovery(loan.number, loan.product_code, loan.party_id, paid, call.on)], call
    )
    for bucket in BUCKETS:
        came = getattr(write_off, f"{bucket}_recovered_minor") + getattr(paid, bucket)
        setattr(write_off, f"{bucket}_recovered_minor", came)
    write_off.save(update_fields=RECOVERED)
    if write_off.left_minor == 0:
        loan.state = "recovered"
        loan.save(update_fields=["state"])
    row = LoanRecovery.objects.create(
        id=new_id(call.at),
        write_off=write_off,
        number=short_number("R", call.at),
        principal_minor=paid.principal,
        interest_minor=paid.interest,
        penalty_minor=paid.penalty,
        fee_minor=paid.fee,
        left_minor=write_off.left_minor,
        on=call.on,
        paid_at=call.at,
        paid_by=call.actor,
        journal_id=journal,
    )
    entry("recovery", loan.product_code, paid.total, (row.pk, call.on, journal), call).save()
    _tell(loan, row, call)
    return Recovered(
        recovery_id=row.pk,
        number=row.number,
        loan_id=loan.pk,
        principal=Money(paid.principal),
        interest=Money(paid.interest),
        penalty=Money(paid.penalty),
        fee=Money(paid.fee),
        left=Money(write_off.left_minor),
        state=loan.state,
    )


def _owed_by(command: Recover, call: Call) -> tuple[Loan, WriteOff]:
    user_id = user_of(call.actor)
    if user_id is not None and not acts_for(user_id, command.party_id):
        raise NotFound(what="loan")
    loan = locked(command.loan_id)
    if loan.party_id != command.party_id:
        raise NotFound(what="loan")
    if loan.state != "written_off":
        raise NothingToRecover(state=loan.state)
    return loan, loan.write_offs.get(state="approved")


def shared(write_off: WriteOff, amount: Money) -> Parts:
    """Return what of `amount` settles which bucket: fees, penalty, interest, principal last."""
    dues = [Due(0, bucket, Money(write_off.left(bucket))) for bucket in Bucket]
    allocation = allocate(amount, dues, Order.BY_BUCKET)
    return Parts(**{bucket.value: allocation.of(bucket).minor for bucket in Bucket})


def _tell(loan: Loan, row: LoanRecovery, call: Call) -> None:
    publish(
        LoanRecovered(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            receipt=row.number,
            principal=Money(row.principal_minor),
            interest=Money(row.interest_minor),
            penalty=Money(row.penalty_minor),
            fee=Money(row.fee_minor),
            left=Money(row.left_minor),
            happened_at=call.at,
            happened_on=call.on,
        )
    )
