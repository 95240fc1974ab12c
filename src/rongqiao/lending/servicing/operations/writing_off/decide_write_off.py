"""Another person decides on a write-off; what is approved leaves the books and stays owed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.events import LoanWrittenOff
from rongqiao.lending.servicing.models.amending.write_offs import WriteOff
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.provisioning.reserving import (
    allowance_of,
    entry,
    hold_allowance_on,
)
from rongqiao.lending.servicing.operations.repaying.settling import write_entry
from rongqiao.lending.servicing.operations.writing_off.deciding import (
    DECIDERS,
    PROPOSERS,
    acting,
    locked,
    refuse_same_person,
    refuse_unfit,
)
from rongqiao.lending.servicing.postings import Parts
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal

LONGEST_REASON = 200


class WriteOffNotWaiting(Refusal):
    """The write-off was decided before; fact: `state`."""

    code = "servicing.write-off-not-waiting"


class NotYourWriteOff(Refusal):
    """Only the proposer takes a write-off back."""

    kind, code = Kind.FORBIDDEN, "servicing.not-your-write-off"


class WriteOffChanged(Refusal):
    """The loan owes another sum than the decider was shown; `total` is the sum now."""

    code = "servicing.write-off-changed"


class DeclineReasonNeeded(Refusal):
    """Who declines a write-off says why; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.decline-reason-needed"


@dataclass(frozen=True, kw_only=True)
class DecideWriteOff:
    """`word` is `approve`, `decline`, or the proposer's own `withdraw`.

    `expected` is the sum the decider was shown, which an approval is for; `reason` why it is
    declined.
    """

    write_off_id: UUID
    word: str
    expected: Money | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class WriteOffDecided:
    """Where the write-off and its loan stand now."""

    write_off_id: UUID
    loan_id: UUID
    state: str
    loan_state: str


_STATE_OF = {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"}
_MOVED = [
    "principal_minor",
    "interest_minor",
    "penalty_minor",
    "fee_minor",
    "state",
    "decided_by",
    "decided_at",
    "decided_on",
    "declined_because",
    "journal_id",
]


@operation("servicing.decide-write-off", restore=WriteOffDecided)
def decide_write_off(command: DecideWriteOff, call: Call) -> WriteOffDecided:
    """Decide on it; an approval takes the loan out of the books and stops its interest.

    Raises NotFound, WriteOffRoleNeeded, WriteOffOwnAffair, WriteOffSecondPersonNeeded,
    NotYourWriteOff, WriteOffNotWaiting, NotToWriteOff where the loan was paid meanwhile,
    WriteOffChanged, DayValued, DeclineReasonNeeded.
    """
    found = WriteOff.objects.filter(pk=command.write_off_id).first()
    if found is None:
        raise NotFound(what="write-off")
    loan = locked(found.loan_id)
    write_off = WriteOff.objects.get(pk=found.pk)
    _check_person(write_off, loan, command.word, call)
    if write_off.state != "waiting":
        raise WriteOffNotWaiting(state=write_off.state)
    write_off.state = _STATE_OF[command.word]
    write_off.decided_by, write_off.decided_at, write_off.decided_on = call.actor, call.at, call.on
    if write_off.state == "declined":
        write_off.declined_because = _reason(command.reason)
    if write_off.state == "approved":
        refuse_unfit(loan, call.on)
        if command.expected is None or command.expected.minor != loan.owed_minor:
            raise WriteOffChanged(total=Money(loan.owed_minor).text())
        _carry_out(write_off, loan, call)
    write_off.save(update_fields=_MOVED)
    return WriteOffDecided(
        write_off_id=write_off.pk, loan_id=loan.pk, state=write_off.state, loan_state=loan.state
    )


def _check_person(write_off: WriteOff, loan: Loan, word: str, call: Call) -> None:
    if word == "withdraw":
        acting(call, loan.party_id, PROPOSERS)
        if write_off.proposed_by != call.actor:
            raise NotYourWriteOff
        return
    refuse_same_person(write_off, acting(call, loan.party_id, DECIDERS))


def _reason(text: str) -> str:
    words = " ".join(text.split())
    if not 0 < len(words) <= LONGEST_REASON:
        raise DeclineReasonNeeded(field="reason", allowed=f"1 - {LONGEST_REASON}")
    return words


def _carry_out(write_off: WriteOff, loan: Loan, call: Call) -> None:
    lost = Parts(
        principal=loan.principal_outstanding_minor,
        interest=loan.interest_outstanding_minor,
        penalty=loan.penalty_outstanding_minor,
        fee=loan.fee_outstanding_minor,
    )
    for bucket in ("principal", "interest", "penalty", "fee"):
        setattr(write_off, f"{bucket}_minor", getattr(lost, bucket))
    journal = write_off.journal_id = _book(write_off, loan, lost, call)
    minus = Parts(
        principal=-lost.principal, interest=-lost.interest, penalty=-lost.penalty, fee=-lost.fee
    )
    LoanEntry.objects.bulk_create(
        [
            *_charge_running_period(loan, call),
            write_entry(loan, "write-off", minus, call, journal=journal),
        ]
    )
    loan.take(lost.principal, lost.interest, lost.penalty, lost.fee)
    loan.leave("written_off", call.on)
    loan.save()
    _tell(loan, lost, call)


def _book(write_off: WriteOff, loan: Loan, lost: Parts, call: Call) -> int:
    """Take the loss out of the product's allowance as far as it goes; return the journal."""
    product = loan.product_code
    hold_allowance_on(call.on)
    used = min(allowance_of(product), lost.total)
    open_accounts([postings.write_off_account(product)], call)
    (journal,) = post([postings.write_off(loan.number, product, lost, used, call.on)], call)
    if used:
        entry("write-off", product, -used, (write_off.pk, call.on, journal), call).save()
    return journal


def _charge_running_period(loan: Loan, call: Call) -> list[LoanEntry]:
    """Enter the running period's interest on its instalment: from now on it is owed as any other.

    Its days were booked as they passed, so the line has no journal.
    """
    accrued, no = loan.period_accrued_minor, loan.period_no
    if no is None or accrued == 0:
        return []
    row = Instalment.objects.get(loan=loan, no=no)
    row.interest_charged_minor = accrued
    row.save(update_fields=["interest_charged_minor"])
    entered = Parts(interest=accrued)
    return [write_entry(loan, "settlement", entered, call, journal=None, no=row.no)]


def _tell(loan: Loan, lost: Parts, call: Call) -> None:
    publish(
        LoanWrittenOff(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            number=loan.number,
            principal=Money(lost.principal),
            interest=Money(lost.interest),
            penalty=Money(lost.penalty),
            fee=Money(lost.fee),
            happened_at=call.at,
            happened_on=call.on,
        )
    )
