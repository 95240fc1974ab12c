"""Close a loan at its quote, from the borrower's wallet: as quoted or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.engine import Payoff, accrued_by, payoff
from rongqiao.lending.servicing.models.amending.quotes import PayoffQuote
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.settling import (
    PAID,
    AlreadyPaid,
    locked_loan,
    refresh,
    tell,
    write_entry,
)
from rongqiao.lending.servicing.postings import Parts
from rongqiao.lending.servicing.queries.lives import life_of, prepayment_of
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound, Refusal


class QuoteNotForToday(Refusal):
    """A quote counts on its own date only; `valid_on` names it."""

    code = "servicing.quote-not-for-today"


class QuoteChanged(Refusal):
    """Something was paid or charged since the quote; `total` is the figure now."""

    code = "servicing.quote-changed"


class DayClosing(Refusal):
    """The business date is being closed; in a moment the next one is open."""

    code = "servicing.day-closing"


@dataclass(frozen=True, kw_only=True)
class PayOff:
    """The quote to pay."""

    quote_id: UUID
    party_id: UUID


@dataclass(frozen=True, kw_only=True)
class PaidOff:
    """The closed loan and what closed it."""

    loan_id: UUID
    total: Money
    prepayment_fee: Money
    is_prepaid: bool


@operation("servicing.pay-off", restore=PaidOff)
def pay_off(command: PayOff, call: Call) -> PaidOff:
    """Pay everything owed and close the loan.

    Raises QuoteNotForToday, QuoteChanged, DayClosing, AlreadyPaid, NotFound, and the ledger's
    refusal where the wallet does not hold enough.
    """
    quote = PayoffQuote.objects.filter(pk=command.quote_id).first()
    if quote is None:
        raise NotFound(what="payoff-quote")
    loan = locked_loan(quote.loan_id, command.party_id, call)
    asked = _checked(quote, loan, call)
    _book(loan, asked, call)
    _settle_rows(loan, call)
    loan.take(
        loan.principal_outstanding_minor,
        loan.interest_outstanding_minor,
        loan.penalty_outstanding_minor,
        loan.fee_outstanding_minor,
    )
    loan.period_no = None
    refresh(loan, [], call)
    quote.used_at = call.at
    quote.save(update_fields=["used_at"])
    tell(
        loan,
        Parts(
            principal=asked.principal,
            interest=asked.interest,
            penalty=asked.penalty,
            fee=asked.fee + asked.prepayment_fee,
        ),
        call,
    )
    return PaidOff(
        loan_id=loan.pk,
        total=Money(asked.total),
        prepayment_fee=Money(asked.prepayment_fee),
        is_prepaid=loan.is_prepaid,
    )


def _checked(quote: PayoffQuote, loan: Loan, call: Call) -> Payoff:
    if quote.valid_on != call.on:
        raise QuoteNotForToday(valid_on=quote.valid_on.isoformat(), today=call.on.isoformat())
    if EndOfDayStep.objects.filter(on=call.on).exists():
        raise DayClosing(on=call.on.isoformat())
    asked = payoff(life_of(loan), call.on, prepayment_of(loan))
    quoted = Payoff(
        quote.principal_minor,
        quote.interest_minor,
        quote.penalty_minor,
        quote.fee_minor,
        quote.prepayment_fee_minor,
    )
    if asked != quoted:
        raise QuoteChanged(total=Money(asked.total).text(), quoted=Money(quoted.total).text())
    if asked.total == 0:
        raise AlreadyPaid(number=loan.number)
    return asked


def _book(loan: Loan, asked: Payoff, call: Call) -> None:
    """Charge what closing charges (interest no day's end has booked, the fee), then take it all."""
    missing = asked.interest - loan.interest_outstanding_minor
    entered = asked.interest - (loan.interest_outstanding_minor - loan.period_accrued_minor)
    charged = Parts(interest=entered, fee=asked.prepayment_fee)
    paid = Parts(
        principal=asked.principal,
        interest=asked.interest,
        penalty=asked.penalty,
        fee=asked.fee + asked.prepayment_fee,
    )
    journals = []
    if missing or asked.prepayment_fee:
        added = {"interest": missing, "fee": asked.prepayment_fee}
        journals.append(postings.charges(loan.number, loan.product_code, added, call.on))
    journals.append(
        postings.repayment(loan.number, loan.product_code, loan.party_id, paid, call.on)
    )
    ids = post(journals, call)
    minus = Parts(
        principal=-paid.principal,
        interest=-paid.interest,
        penalty=-paid.penalty,
        fee=-paid.fee,
    )
    entries = [write_entry(loan, "payoff", minus, call, journal=ids[-1])]
    if charged.total:
        entries.insert(0, write_entry(loan, "settlement", charged, call, journal=ids[0]))
    LoanEntry.objects.bulk_create(entries)


def _settle_rows(loan: Loan, call: Call) -> None:
    """Settle every open instalment; the running one is charged for the days used."""
    rows = list(loan.instalments.filter(settled_on=None).order_by("no"))
    life = life_of(loan)
    for row in rows:
        if row.no == loan.period_no:
            row.interest_charged_minor = accrued_by(life.rows, call.on)
        row.principal_paid_minor = row.principal_minor
        row.interest_paid_minor = row.interest_charged_minor
        row.fee_paid_minor = row.fee_charged_minor
        row.penalty_paid_minor = row.penalty_charged_minor
        row.settled_on = call.on
    Instalment.objects.bulk_update(rows, [*PAID, "interest_charged_minor", "settled_on"])
