"""Lend a further sum on a running loan as quoted: books, wallet, new plan, in one transaction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings

from rongqiao.finance.money import Money
from rongqiao.lending.origination.operations.signing.take_more import take_more
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.engine import Life
from rongqiao.lending.servicing.events import LoanDrawn
from rongqiao.lending.servicing.models.amending.draws import FurtherDraw
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.prepaying.new_plan import plain
from rongqiao.lending.servicing.operations.prepaying.pay_off import DayClosing, QuoteNotForToday
from rongqiao.lending.servicing.operations.prepaying.prepay import QuoteUsed
from rongqiao.lending.servicing.operations.repaying.settling import locked_loan, write_entry
from rongqiao.lending.servicing.operations.rescheduling.replacing import put_in_force
from rongqiao.lending.servicing.operations.starting.draw_paper import DrawPaper, draw_text
from rongqiao.lending.servicing.postings import Parts
from rongqiao.lending.servicing.queries.amending.changes import ChangeQuote, open_rows, quote_of
from rongqiao.lending.servicing.queries.amending.draws import drawn_life
from rongqiao.money.ledger.operations.post import post
from rongqiao.parties.queries import get_identity
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.events import publish
from rongqiao.platform.ids import short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound, Refusal


class DrawQuoteChanged(Refusal):
    """The plan would not be what was quoted any more: something else changed the loan."""

    code = "servicing.draw-quote-changed"


@dataclass(frozen=True, kw_only=True)
class DrawFurther:
    """The quote to draw by."""

    quote_id: UUID
    party_id: UUID


@dataclass(frozen=True, kw_only=True)
class FurtherDrawn:
    """What was lent, what may still be drawn, and the plan's next payment."""

    loan_id: UUID
    amount: Money
    left: Money
    next_due_on: date
    next_due: Money


@operation("servicing.draw-further", restore=FurtherDrawn)
def draw_further(command: DrawFurther, call: Call) -> FurtherDrawn:
    """Lend the quoted sum on today's business date, put its plan in force and tell LoanDrawn.

    Raises NotFound, AlreadyPaid, LoanGivenUp, QuoteUsed, QuoteNotForToday, DayClosing,
    DrawQuoteChanged, what `draws.drawn_life` does, origination's ConcentrationReached, and the
    ledger's refusal where the lender's own money does not reach.
    """
    row = FurtherDraw.objects.filter(pk=command.quote_id).first()
    if row is None:
        raise NotFound(what="draw-quote")
    loan = locked_loan(row.loan_id, command.party_id, call)
    # Read again behind the loan's lock: it may have been drawn meanwhile.
    row.refresh_from_db()
    before, after = _checked(row, loan, call)
    put_in_force(loan, before, after, "draw", call)
    _lend(loan, row.amount_minor, call)
    loan.save()
    quote, left = quote_of(before, after, call.on), _left(loan)
    row.drawn_by, row.drawn_at = call.actor, call.at
    _write_paper(row, loan, quote, left, call)
    row.save(update_fields=["drawn_by", "drawn_at", "number", "text_sealed", "text_sha256"])
    done = FurtherDrawn(
        loan_id=loan.pk,
        amount=Money(row.amount_minor),
        left=left,
        next_due_on=quote.after[0].due_on,
        next_due=quote.next_due,
    )
    _tell(loan, done, call)
    take_more(loan.agreement_id, Money(loan.principal_outstanding_minor), call)
    return done


def _checked(row: FurtherDraw, loan: Loan, call: Call) -> tuple[Life, Life]:
    """Return the loan before and after the draw, its plan as it was quoted."""
    if row.drawn_at is not None:
        raise QuoteUsed
    if row.valid_on != call.on:
        raise QuoteNotForToday(valid_on=row.valid_on.isoformat(), today=call.on.isoformat())
    if EndOfDayStep.objects.filter(on=call.on).exists():
        raise DayClosing(on=call.on.isoformat())
    before, after = drawn_life(loan, Money(row.amount_minor), call.on)
    if plain(open_rows(after, call.on)) != row.plan:
        raise DrawQuoteChanged
    return before, after


def _lend(loan: Loan, minor: int, call: Call) -> None:
    """Post the sum as the first one was, whole into the borrower's wallet; the caller saves."""
    journal = postings.disbursement(
        loan.number, loan.product_code, loan.party_id, Money(minor), call.on
    )
    (posted,) = post([journal], call)
    write_entry(loan, "disbursement", Parts(principal=minor), call, journal=posted).save()
    loan.principal_minor += minor
    loan.principal_outstanding_minor += minor


def _left(loan: Loan) -> Money:
    return Money(loan.draw_room.agreed_minor - loan.principal_minor)


def _write_paper(row: FurtherDraw, loan: Loan, quote: ChangeQuote, left: Money, call: Call) -> None:
    borrower = get_identity(loan.party_id, call.on)
    row.number = short_number("S", call.at)
    text = draw_text(
        DrawPaper(
            number=row.number,
            lender=settings.OPERATOR_NAME,
            borrower=borrower.name,
            borrower_number=borrower.number,
            loan_number=loan.number,
            amount=Money(row.amount_minor),
            drawn=Money(loan.principal_minor),
            left=left,
            last_on=loan.draw_room.last_on,
            rate_annual=loan.rate_annual,
            made_on=call.on,
            rows=quote.after,
        )
    )
    table = FurtherDraw._meta.db_table
    row.text_sealed = encrypt(text, table=table, column="text_sealed", row=row.pk)
    row.text_sha256 = hashlib.sha256(text.encode()).hexdigest()


def _tell(loan: Loan, done: FurtherDrawn, call: Call) -> None:
    publish(
        LoanDrawn(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            amount=done.amount,
            left=done.left,
            next_due_on=done.next_due_on,
            next_due=done.next_due,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
