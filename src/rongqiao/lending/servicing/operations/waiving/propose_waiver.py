"""Propose to give up part of what a loan was charged; another person decides."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.waivers import Waiver
from rongqiao.lending.servicing.operations.waiving.deciding import (
    PROPOSERS,
    acting,
    check_amounts,
    due_rows,
    loan_for_staff,
)
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_REASON = 200


class WaiverWaits(Refusal):
    """The loan has a waiver that waits for its second person."""

    code = "servicing.waiver-waits"


class WaiverReasonNeeded(Refusal):
    """Who gives something up says why; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.waiver-reason-needed"


@dataclass(frozen=True, kw_only=True)
class ProposeWaiver:
    """What of the loan's due interest, penalty interest and fees to give up, and why."""

    loan_id: UUID
    interest: Money
    penalty: Money
    fee: Money
    reason: str


@dataclass(frozen=True, kw_only=True)
class WaiverProposed:
    """The waiver that waits."""

    waiver_id: UUID
    loan_id: UUID
    total: Money


@operation("servicing.propose-waiver", restore=WaiverProposed)
def propose_waiver(command: ProposeWaiver, call: Call) -> WaiverProposed:
    """Put the proposal down; nothing moves before another person agrees.

    Raises NotFound, AlreadyPaid, WaiverRoleNeeded, WaiverOwnAffair, WaiverWaits, WaiverUnfit,
    WaiverReasonNeeded.
    """
    loan = loan_for_staff(command.loan_id)
    acting(call, loan.party_id, PROPOSERS)
    reason = " ".join(command.reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise WaiverReasonNeeded(field="reason", allowed=f"1 - {LONGEST_REASON}")
    if loan.waivers.filter(state="waiting").exists():
        raise WaiverWaits(number=loan.number)
    waiver = Waiver(
        id=new_id(call.at),
        loan=loan,
        interest_minor=command.interest.minor,
        penalty_minor=command.penalty.minor,
        fee_minor=command.fee.minor,
        reason=reason,
        proposed_by=call.actor,
        proposed_at=call.at,
        proposed_on=call.on,
    )
    check_amounts(waiver, due_rows(loan))
    waiver.save(force_insert=True)
    return WaiverProposed(waiver_id=waiver.pk, loan_id=loan.pk, total=Money(waiver.total_minor))
