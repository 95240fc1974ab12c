"""Another person decides on a waiver; what is approved is taken off the loan and the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.engine import MICRO
from rongqiao.lending.servicing.events import LoanWaived
from rongqiao.lending.servicing.models.amending.waivers import Waiver
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.settling import (
    refresh,
    tell_closed,
    write_entry,
)
from rongqiao.lending.servicing.operations.waiving.deciding import (
    DECIDERS,
    FINANCE_MOST,
    PROPOSERS,
    WAIVED,
    acting,
    check_amounts,
    due_rows,
    loan_for_staff,
    refuse_same_person,
)
from rongqiao.lending.servicing.postings import Parts
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

_CHARGED = [f"{bucket}_charged_minor" for bucket in WAIVED]


class WaiverNotWaiting(Refusal):
    """The waiver was decided before; fact: `state`."""

    code = "servicing.waiver-not-waiting"


class NotYourWaiver(Refusal):
    """Only the proposer takes a waiver back."""

    kind, code = Kind.FORBIDDEN, "servicing.not-your-waiver"


@dataclass(frozen=True, kw_only=True)
class DecideWaiver:
    """`word` is `approve`, `decline`, or the proposer's own `withdraw`."""

    waiver_id: UUID
    word: str


@dataclass(frozen=True, kw_only=True)
class WaiverDecided:
    """Where the waiver and its loan stand now."""

    waiver_id: UUID
    loan_id: UUID
    state: str
    loan_state: str


_STATE_OF = {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"}


@operation("servicing.decide-waiver", restore=WaiverDecided)
def decide_waiver(command: DecideWaiver, call: Call) -> WaiverDecided:
    """Decide on it; beyond FINANCE_MOST an approver decides, not a finance officer.

    Raises NotFound, AlreadyPaid, WaiverRoleNeeded, WaiverOwnAffair, WaiverSecondPersonNeeded,
    NotYourWaiver, WaiverNotWaiting, and WaiverUnfit where less is due by now.
    """
    found = Waiver.objects.filter(pk=command.waiver_id).first()
    if found is None:
        raise NotFound(what="waiver")
    loan = loan_for_staff(found.loan_id)
    waiver = Waiver.objects.get(pk=found.pk)
    _check_person(waiver, loan, command.word, call)
    if waiver.state != "waiting":
        raise WaiverNotWaiting(state=waiver.state)
    waiver.state = _STATE_OF[command.word]
    waiver.decided_by, waiver.decided_at, waiver.decided_on = call.actor, call.at, call.on
    if waiver.state == "approved":
        _carry_out(waiver, loan, call)
    waiver.save(update_fields=["state", "decided_by", "decided_at", "decided_on"])
    return WaiverDecided(
        waiver_id=waiver.pk, loan_id=loan.pk, state=waiver.state, loan_state=loan.state
    )


def _check_person(waiver: Waiver, loan: Loan, word: str, call: Call) -> None:
    if word == "withdraw":
        acting(call, loan.party_id, PROPOSERS)
        if waiver.proposed_by != call.actor:
            raise NotYourWaiver
        return
    is_large = Money(waiver.total_minor) > FINANCE_MOST
    roles = (Role.APPROVER,) if is_large else DECIDERS
    refuse_same_person(waiver, acting(call, loan.party_id, roles))


def _carry_out(waiver: Waiver, loan: Loan, call: Call) -> None:
    rows = due_rows(loan)
    check_amounts(waiver, rows)
    given = Parts(
        interest=waiver.interest_minor, penalty=waiver.penalty_minor, fee=waiver.fee_minor
    )
    (journal,) = post([postings.waiver(loan.number, loan.product_code, given, call.on)], call)
    entries = []
    for row, parts in _shared(rows, given):
        _lower(row, parts, call)
        minus = Parts(interest=-parts.interest, penalty=-parts.penalty, fee=-parts.fee)
        entries.append(write_entry(loan, "waiver", minus, call, journal=journal, no=row.no))
    Instalment.objects.bulk_update(rows, [*_CHARGED, "penalty_micro", "settled_on"])
    LoanEntry.objects.bulk_create(entries)
    loan.take(0, given.interest, given.penalty, given.fee)
    refresh(loan, [row for row in rows if row.settled_on is None], call)
    _tell(loan, given, call)


def _shared(rows: Sequence[Instalment], given: Parts) -> list[tuple[Instalment, Parts]]:
    """Return what each row is relieved of: in every bucket the oldest first."""
    left = {bucket: getattr(given, bucket) for bucket in WAIVED}
    found = []
    for row in rows:
        parts = {bucket: min(left[bucket], row.left(bucket)) for bucket in WAIVED}
        for bucket, minor in parts.items():
            left[bucket] -= minor
        if any(parts.values()):
            found.append((row, Parts(**parts)))
    return found


def _lower(row: Instalment, parts: Parts, call: Call) -> None:
    row.interest_charged_minor -= parts.interest
    row.penalty_charged_minor -= parts.penalty
    row.fee_charged_minor -= parts.fee
    # What is gathered of the next fen stays; a fen that was rounded up is given up whole.
    row.penalty_micro = max(0, row.penalty_micro - parts.penalty * MICRO)
    if row.left_minor == 0:
        row.settled_on = call.on


def _tell(loan: Loan, given: Parts, call: Call) -> None:
    publish(
        LoanWaived(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            interest=Money(given.interest),
            penalty=Money(given.penalty),
            fee=Money(given.fee),
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    tell_closed(loan, call)
