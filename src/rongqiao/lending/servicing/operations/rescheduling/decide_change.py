"""Another person decides on a change of terms; what is approved puts the new plan in force."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.events import LoanTermsChanged
from rongqiao.lending.servicing.models.amending.changes import RESTRUCTURING, TermChange
from rongqiao.lending.servicing.models.amending.rates import FloatingRate
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.prepaying.new_plan import plain
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    DECIDERS,
    PROPOSERS,
    acting,
    bring_up_live,
    locked_loan,
    refuse_same_person,
)
from rongqiao.lending.servicing.operations.rescheduling.relieving import relieve
from rongqiao.lending.servicing.operations.rescheduling.replacing import put_in_force, take_rate
from rongqiao.lending.servicing.operations.rescheduling.supplement import (
    Supplement,
    supplement_text,
)
from rongqiao.lending.servicing.queries.amending.changes import (
    ChangeQuote,
    changed_life,
    open_rows,
    quote_of,
    rate_of,
    wish_of,
)
from rongqiao.lending.servicing.queries.amending.rates import next_reset
from rongqiao.parties.queries import get_identity
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.events import publish
from rongqiao.platform.ids import short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class ChangeNotWaiting(Refusal):
    """The change was decided before; fact: `state`."""

    code = "servicing.change-not-waiting"


class NotYourChange(Refusal):
    """Only the proposer takes a change back."""

    kind, code = Kind.FORBIDDEN, "servicing.not-your-change"


class ChangeQuoteChanged(Refusal):
    """It does not do any more what the decider was shown; fact: `total` as of now."""

    code = "servicing.change-quote-changed"


@dataclass(frozen=True, kw_only=True)
class DecideChange:
    """`word` is `approve`, `decline`, or the proposer's own `withdraw`.

    `shown` is what the decider saw as all that is to be paid after.
    """

    change_id: UUID
    word: str
    shown: Money | None = None


@dataclass(frozen=True, kw_only=True)
class ChangeDecided:
    """Where the change stands now, and when its loan ends."""

    change_id: UUID
    loan_id: UUID
    state: str
    matures_on: date


_STATE_OF = {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"}
_DECIDED = [
    "state",
    "decided_by",
    "decided_at",
    "decided_on",
    "plan",
    "arrears",
    "number",
    "text_sealed",
    "text_sha256",
]


@operation("servicing.decide-change", restore=ChangeDecided)
def decide_change(command: DecideChange, call: Call) -> ChangeDecided:
    """Decide on it; approved it is made today.

    Raises NotFound, ChangeRoleNeeded, ChangeOwnAffair, NotYourChange, ChangeSecondPersonNeeded,
    ChangeNotWaiting, ChangeQuoteChanged, AlreadyPaid, TermsNotChangeable, ExtensionTooLong,
    RateNotAllowed.
    """
    found = TermChange.objects.filter(pk=command.change_id).first()
    if found is None:
        raise NotFound(what="term-change")
    loan = locked_loan(found.loan_id)
    change = TermChange.objects.get(pk=found.pk)
    _check_person(change, loan, command.word, call)
    if change.state != "waiting":
        raise ChangeNotWaiting(state=change.state)
    change.state = _STATE_OF[command.word]
    change.decided_by, change.decided_at, change.decided_on = call.actor, call.at, call.on
    if change.state == "approved":
        _make(change, loan, command, call)
    change.save(update_fields=_DECIDED)
    return ChangeDecided(
        change_id=change.pk, loan_id=loan.pk, state=change.state, matures_on=loan.matures_on
    )


def _check_person(change: TermChange, loan: Loan, word: str, call: Call) -> None:
    if word == "withdraw":
        acting(call, loan.party_id, PROPOSERS)
        if change.proposed_by != call.actor:
            raise NotYourChange
        return
    refuse_same_person(change, acting(call, loan.party_id, DECIDERS))


def _make(change: TermChange, loan: Loan, command: DecideChange, call: Call) -> None:
    bring_up_live(loan)
    before, after = changed_life(loan, wish_of(change), call.on)
    quote = quote_of(before, after, call.on)
    if command.shown is not None and command.shown != quote.total:
        raise ChangeQuoteChanged(total=quote.total.text())
    put_in_force(loan, before, after, "rescheduling", call)
    if change.kind == RESTRUCTURING:
        relieve(change, loan, before, after, call)
    if change.rate_annual is not None or change.spread is not None:
        _take_rate(change, loan, call)
    loan.save()
    change.plan = plain(open_rows(after, call.on))
    _write_paper(change, loan, quote, call)
    _tell(change, loan, quote, call)


def _take_rate(change: TermChange, loan: Loan, call: Call) -> None:
    """Let the rate be what was agreed on, and float or stay from now on."""
    wish = wish_of(change)
    take_rate(loan, rate_of(loan, wish, call.on), call, change=change)
    floating = FloatingRate.objects.filter(loan=loan)
    if wish.spread is None:
        floating.update(next_on=None, problem="")
        return
    floating.update_or_create(
        loan=loan,
        defaults={
            "reference": wish.reference,
            "spread": wish.spread,
            "reset": wish.reset,
            "agreed_on": call.on,
            "next_on": next_reset(wish.reset, loan.disbursed_on, call.on),
            "tried_on": None,
            "problem": "",
        },
    )


def _write_paper(change: TermChange, loan: Loan, quote: ChangeQuote, call: Call) -> None:
    borrower = get_identity(loan.party_id, call.on)
    change.number = short_number("S", call.at)
    text = supplement_text(
        Supplement(
            number=change.number,
            lender=settings.OPERATOR_NAME,
            borrower=borrower.name,
            borrower_number=borrower.number,
            loan_number=loan.number,
            consent=change.consent,
            wish=wish_of(change),
            rate_annual=loan.rate_annual,
            penalty_rate_annual=loan.penalty_rate_annual,
            made_on=call.on,
            rows=quote.after,
            penalty=quote.penalty,
        )
    )
    change.text_sealed = encrypt(
        text, table=TermChange._meta.db_table, column="text_sealed", row=change.pk
    )
    change.text_sha256 = hashlib.sha256(text.encode()).hexdigest()


def _tell(change: TermChange, loan: Loan, quote: ChangeQuote, call: Call) -> None:
    publish(
        LoanTermsChanged(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            kind=change.kind,
            next_due_on=quote.after[0].due_on,
            next_due=quote.next_due,
            matures_on=loan.matures_on,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
