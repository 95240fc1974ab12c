"""Propose to book a payment today that counts from an earlier day: it was late by our fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.corrections import BACK_DATED, Correction
from rongqiao.lending.servicing.operations.correcting.deciding import (
    PROPOSERS,
    acting,
    locked_loan,
    put_down,
)
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ProposeBackdating:
    """`amount` is taken from the borrower's wallet and counts from `value_on`."""

    loan_id: UUID
    amount: Money
    value_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class BackdatingProposed:
    """The correction that waits, and the charges it will give back as things stand."""

    correction_id: UUID
    loan_id: UUID
    given_back: Money


@operation("servicing.propose-backdating", restore=BackdatingProposed)
def propose_backdating(command: ProposeBackdating, call: Call) -> BackdatingProposed:
    """Put the proposal down; nothing moves before another person agrees.

    Raises NotFound, CorrectionRoleNeeded, CorrectionOwnAffair, CorrectionWaits,
    CorrectionReasonNeeded, ValueDateOutOfRange, MoreThanWasOwed, LoanNotReplayed, LoanEnded.
    """
    loan = locked_loan(command.loan_id)
    acting(call, loan.party_id, PROPOSERS)
    correction = Correction(
        loan=loan,
        kind=BACK_DATED,
        amount_minor=command.amount.minor,
        value_on=command.value_on,
        reason=command.reason,
    )
    effect = put_down(loan, correction, call)
    return BackdatingProposed(
        correction_id=correction.pk, loan_id=loan.pk, given_back=Money(effect.charged_less)
    )
