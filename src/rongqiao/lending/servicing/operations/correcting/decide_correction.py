"""Another person decides on a correction; what is agreed is lived again and booked today."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.events import LoanOverdue, LoanPaymentReversed, LoanRepaid
from rongqiao.lending.servicing.models.amending.corrections import BACK_DATED, Correction
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.correcting.carrying_out import carry_out
from rongqiao.lending.servicing.operations.correcting.deciding import (
    DECIDERS,
    FINANCE_MOST,
    PROPOSERS,
    acting,
    locked_loan,
    refuse_same_person,
)
from rongqiao.lending.servicing.operations.repaying.settling import tell_closed
from rongqiao.lending.servicing.queries.amending.corrections import Effect, effect_of, kept, view_of
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role


class CorrectionNotWaiting(Refusal):
    """The correction was decided before; fact: `state`."""

    code = "servicing.correction-not-waiting"


class NotYourCorrection(Refusal):
    """Only the proposer takes a correction back."""

    kind, code = Kind.FORBIDDEN, "servicing.not-your-correction"


class CorrectionChanged(Refusal):
    """It does not do any more what the decider was shown; fact: `given_back` as of now."""

    code = "servicing.correction-changed"


@dataclass(frozen=True, kw_only=True)
class DecideCorrection:
    """`word` is `approve`, `decline`, or the proposer's own `withdraw`.

    `shown` is what the decider saw as charges given back (below zero: charged more).
    """

    correction_id: UUID
    word: str
    shown: Money | None = None


@dataclass(frozen=True, kw_only=True)
class CorrectionDecided:
    """Where the correction and its loan stand now."""

    correction_id: UUID
    loan_id: UUID
    state: str
    loan_state: str


_STATE_OF = {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"}
_DECIDED = ["state", "decided_by", "decided_at", "decided_on", "booked_journal", "effect"]


@operation("servicing.decide-correction", restore=CorrectionDecided)
def decide_correction(command: DecideCorrection, call: Call) -> CorrectionDecided:
    """Decide on it; where more than FINANCE_MOST is given back an approver does.

    Raises NotFound, CorrectionRoleNeeded, CorrectionOwnAffair, NotYourCorrection,
    CorrectionSecondPersonNeeded, CorrectionNotWaiting, CorrectionChanged, what `effect_of` raises,
    and the ledger's refusal where the wallet does not hold enough.
    """
    found = Correction.objects.filter(pk=command.correction_id).first()
    if found is None:
        raise NotFound(what="correction")
    loan = locked_loan(found.loan_id)
    correction = Correction.objects.get(pk=found.pk)
    _check_person(correction, loan, command.word, call)
    if correction.state != "waiting":
        raise CorrectionNotWaiting(state=correction.state)
    correction.state = _STATE_OF[command.word]
    correction.decided_by, correction.decided_at = call.actor, call.at
    correction.decided_on = call.on
    if correction.state == "approved":
        _carry_out(correction, loan, command, call)
    correction.save(update_fields=_DECIDED)
    return CorrectionDecided(
        correction_id=correction.pk,
        loan_id=loan.pk,
        state=correction.state,
        loan_state=loan.state,
    )


def _check_person(correction: Correction, loan: Loan, word: str, call: Call) -> None:
    if word == "withdraw":
        acting(call, loan.party_id, PROPOSERS)
        if correction.proposed_by != call.actor:
            raise NotYourCorrection
        return
    refuse_same_person(correction, acting(call, loan.party_id, DECIDERS))


def _carry_out(correction: Correction, loan: Loan, command: DecideCorrection, call: Call) -> None:
    effect = effect_of(loan, correction, call.on)
    given_back = Money(effect.charged_less)
    if command.shown is not None and command.shown != given_back:
        raise CorrectionChanged(given_back=given_back.text())
    if given_back > FINANCE_MOST:
        acting(call, loan.party_id, (Role.APPROVER,))
    was = loan.state
    correction.booked_journal = carry_out(loan, effect, call)
    correction.effect = kept(view_of(effect))
    _tell(correction, loan, effect, call)
    if was != "overdue" and loan.state == "overdue":
        _tell_overdue(loan, effect, call)
    tell_closed(loan, call)


def _tell(correction: Correction, loan: Loan, effect: Effect, call: Call) -> None:
    if correction.kind == BACK_DATED:
        publish(_repaid(loan, effect, call))
        return
    publish(
        LoanPaymentReversed(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            cause=correction.kind,
            amount=Money(correction.amount_minor),
            paid_on=correction.value_on,
            happened_at=call.at,
            happened_on=call.on,
        )
    )


def _repaid(loan: Loan, effect: Effect, call: Call) -> LoanRepaid:
    """Return what was paid in all, by bucket: less penalty where later payments had paid it."""
    paid = {
        bucket: sum(getattr(row, f"{bucket}_paid") for row in effect.after.life.rows)
        - sum(getattr(row, f"{bucket}_paid") for row in effect.before.life.rows)
        for bucket in ("principal", "interest", "penalty", "fee")
    }
    return LoanRepaid(
        loan_id=loan.pk,
        party_id=loan.party_id,
        agreement_id=loan.agreement_id,
        drawing_id=loan.drawing_id,
        principal=Money(paid["principal"]),
        interest=Money(paid["interest"]),
        penalty=Money(paid["penalty"]),
        fee=Money(paid["fee"]),
        happened_at=call.at,
        happened_on=call.on,
    )


def _tell_overdue(loan: Loan, effect: Effect, call: Call) -> None:
    late = [row.due_on for row in effect.after.life.rows if row.is_due and row.left]
    publish(
        LoanOverdue(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            oldest_due_on=min(late),
            happened_at=call.at,
            happened_on=call.on,
        )
    )
