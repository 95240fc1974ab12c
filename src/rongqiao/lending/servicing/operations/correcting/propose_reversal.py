"""Propose to take a payment back: somebody erred, or the bank took its money back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.corrections import TAKEN_BACK, Correction
from rongqiao.lending.servicing.operations.correcting.deciding import (
    PROPOSERS,
    acting,
    locked_loan,
    put_down,
)
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class CauseUnknown(Refusal):
    """A payment is taken back for one of the known causes; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "servicing.correction-cause-unknown"


@dataclass(frozen=True, kw_only=True)
class ProposeReversal:
    """The payment by its journal; `cause` is `operator-error` or `charge-back`."""

    loan_id: UUID
    journal: int
    cause: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReversalProposed:
    """The correction that waits."""

    correction_id: UUID
    loan_id: UUID
    amount: Money


@operation("servicing.propose-reversal", restore=ReversalProposed)
def propose_reversal(command: ProposeReversal, call: Call) -> ReversalProposed:
    """Put the proposal down; nothing moves before another person agrees.

    Raises NotFound, CorrectionRoleNeeded, CorrectionOwnAffair, CorrectionWaits,
    CorrectionReasonNeeded, CauseUnknown, PaymentNotThere, LimitDrawn, LoanNotReplayed, LoanEnded.
    """
    loan = locked_loan(command.loan_id)
    acting(call, loan.party_id, PROPOSERS)
    if command.cause not in TAKEN_BACK:
        raise CauseUnknown(field="cause", value=command.cause, allowed=", ".join(TAKEN_BACK))
    correction = Correction(
        loan=loan, kind=command.cause, payment_journal=command.journal, reason=command.reason
    )
    put_down(loan, correction, call)
    return ReversalProposed(
        correction_id=correction.pk, loan_id=loan.pk, amount=Money(correction.amount_minor)
    )
