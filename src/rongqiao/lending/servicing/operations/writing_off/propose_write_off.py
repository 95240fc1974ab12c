"""Propose to give a loan up as lost; another person, of finance, decides."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.write_offs import WriteOff
from rongqiao.lending.servicing.operations.writing_off.deciding import (
    PROPOSERS,
    acting,
    locked,
    refuse_unfit,
)
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_REASON, LONGEST_EVIDENCE = 200, 1000


class WriteOffWaits(Refusal):
    """The loan has a write-off that waits for its second person."""

    code = "servicing.write-off-waits"


class WriteOffWordsNeeded(Refusal):
    """Who gives a loan up says why and on what evidence; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.write-off-words-needed"


class WaiverUndecided(Refusal):
    """A waiver on the loan waits: it is decided first, for it changes what is owed."""

    code = "servicing.waiver-undecided"


@dataclass(frozen=True, kw_only=True)
class ProposeWriteOff:
    """The loan, why it is lost, and the papers or facts that show it."""

    loan_id: UUID
    reason: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class WriteOffProposed:
    """The write-off that waits, and what was quoted."""

    write_off_id: UUID
    loan_id: UUID
    total: Money


@operation("servicing.propose-write-off", restore=WriteOffProposed)
def propose_write_off(command: ProposeWriteOff, call: Call) -> WriteOffProposed:
    """Put the proposal down with what the loan owes now; nothing moves before it is approved.

    Raises NotFound, NotToWriteOff, WriteOffRoleNeeded, WriteOffOwnAffair, WriteOffWaits,
    WaiverUndecided, WriteOffWordsNeeded.
    """
    loan = locked(command.loan_id)
    acting(call, loan.party_id, PROPOSERS)
    refuse_unfit(loan, call.on)
    reason = _said("reason", command.reason, LONGEST_REASON)
    evidence = _said("evidence", command.evidence, LONGEST_EVIDENCE)
    if loan.write_offs.filter(state="waiting").exists():
        raise WriteOffWaits(number=loan.number)
    if loan.waivers.filter(state="waiting").exists():
        raise WaiverUndecided(number=loan.number)
    write_off = WriteOff(
        id=new_id(call.at),
        loan=loan,
        principal_minor=loan.principal_outstanding_minor,
        interest_minor=loan.interest_outstanding_minor,
        penalty_minor=loan.penalty_outstanding_minor,
        fee_minor=loan.fee_outstanding_minor,
        quoted_minor=loan.owed_minor,
        reason=reason,
        evidence=evidence,
        proposed_by=call.actor,
        proposed_at=call.at,
        proposed_on=call.on,
    )
    write_off.save(force_insert=True)
    return WriteOffProposed(
        write_off_id=write_off.pk, loan_id=loan.pk, total=Money(write_off.total_minor)
    )


def _said(field: str, text: str, longest: int) -> str:
    words = " ".join(text.split())
    if not 0 < len(words) <= longest:
        raise WriteOffWordsNeeded(field=field, allowed=f"1 - {longest}")
    return words
