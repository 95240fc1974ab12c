"""Another person decides on a change of terms; what is approved puts the new plan in force."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings

from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.engine import Life, Row
from rongqiao.lending.servicing.events import LoanTermsChanged
from rongqiao.lending.servicing.models.amending.changes import TermChange
from rongqiao.lending.servicing.models.loans import FormerPlan, Instalment, Loan
from rongqiao.lending.servicing.operations.prepaying.new_plan import plain, plain_instalments
from rongqiao.lending.servicing.operations.repaying.settling import write_entry
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    DECIDERS,
    PROPOSERS,
    acting,
    bring_up_live,
    locked_loan,
    refuse_same_person,
)
from rongqiao.lending.servicing.operations.rescheduling.supplement import (
    Supplement,
    supplement_text,
)
from rongqiao.lending.servicing.postings import Parts
from rongqiao.lending.servicing.queries.amending.changes import (
    ChangeQuote,
    changed_life,
    open_rows,
    quote_of,
    wish_of,
)
from rongqiao.money.ledger.operations.post import post
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
    "number",
    "text_sealed",
    "text_sha256",
]


@operation("servicing.decide-change", restore=ChangeDecided)
def decide_change(command: DecideChange, call: Call) -> ChangeDecided:
    """Decide on it; approved it is made today.

    Raises NotFound, ChangeRoleNeeded, ChangeOwnAffair, NotYourChange, ChangeSecondPersonNeeded,
    ChangeNotWaiting, ChangeQuoteChanged, AlreadyPaid, TermsNotChangeable, ExtensionTooLong.
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
    _book(loan, before, after, call)
    _replace_rows(loan, before, after, call)
    _turn(loan, after)
    change.plan = plain(open_rows(after, call.on))
    _write_paper(change, loan, quote, call)
    _tell(change, loan, quote, call)


def _book(loan: Loan, before: Life, after: Life, call: Call) -> None:
    """Enter what was earned of the running period where it is put off; one line in any case."""
    known = {row.no for row in before.rows if row.is_due}
    held = next((row for row in after.rows if row.is_due and row.no not in known), None)
    journal, earned = None, 0
    if held is not None:
        earned = held.interest
        # What no day's end has booked of it, as on a loan lent and changed before the first one.
        if missing := earned - loan.period_accrued_minor:
            added = {"interest": missing}
            charges = postings.charges(loan.number, loan.product_code, added, call.on)
            (journal,) = post([charges], call)
            loan.interest_outstanding_minor += missing
    no = held.no if held else next(row.no for row in after.rows if not row.is_due)
    write_entry(loan, "rescheduling", Parts(interest=earned), call, journal=journal, no=no).save()


def _replace_rows(loan: Loan, before: Life, after: Life, call: Call) -> None:
    """Keep the rows ahead as a former plan, and write the new ones in their place."""
    ahead = loan.instalments.filter(is_due=False).order_by("no")
    FormerPlan.objects.create(
        loan=loan,
        no=loan.former_plans.count() + 1,
        cause="rescheduling",
        replaced_on=call.on,
        replaced_at=call.at,
        rows=plain_instalments(list(ahead)),
    )
    ahead.delete()
    kept = {row.no: row for row in before.rows if row.is_due}
    for row in after.rows:
        if row.no in kept and row.due_on != kept[row.no].due_on:
            loan.instalments.filter(no=row.no).update(due_on=row.due_on)
    Instalment.objects.bulk_create(
        _instalments(loan, [row for row in after.rows if row.no not in kept], call)
    )


def _instalments(loan: Loan, rows: Sequence[Row], call: Call) -> list[Instalment]:
    balance, found = sum(row.principal for row in rows), []
    for row in rows:
        balance -= row.principal
        found.append(
            Instalment(
                loan=loan,
                no=row.no,
                from_on=row.from_on,
                due_on=row.due_on,
                days=(row.due_on - row.from_on).days,
                principal_minor=row.principal,
                interest_minor=row.interest,
                fee_minor=row.fee,
                balance_minor=balance,
                is_due=row.is_due,
                interest_charged_minor=row.interest if row.is_due else 0,
                settled_on=call.on if row.is_due and row.left == 0 else None,
            )
        )
    return found


def _turn(loan: Loan, after: Life) -> None:
    """Let the loan's running period and its end be those of the new plan."""
    running = next(row for row in after.rows if not row.is_due)
    if running.from_on != loan.period_from_on:
        loan.period_accrued_minor = 0
    loan.period_no, loan.period_from_on = running.no, running.from_on
    loan.period_due_on, loan.period_interest_minor = running.due_on, running.interest
    loan.matures_on = after.rows[-1].due_on
    loan.save()


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
            kind=change.kind,
            months=change.months,
            is_end_moved=change.is_end_moved,
            is_spread=change.is_spread,
            made_on=call.on,
            rows=quote.after,
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
