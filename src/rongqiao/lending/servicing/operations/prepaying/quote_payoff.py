"""Say what closes a loan on a date, to the fen: interest for the days used and no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import Payoff, close_day, payoff
from rongqiao.lending.servicing.models.amending.quotes import PayoffQuote
from rongqiao.lending.servicing.operations.repaying.settling import locked_loan
from rongqiao.lending.servicing.queries.lives import life_of, prepayment_of
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

DAYS_AHEAD = 31


class QuoteDateOutOfRange(Refusal):
    """A quote is for today or one of the 31 days after it."""

    kind, code = Kind.INVALID, "servicing.quote-date-out-of-range"


class NoEarlyPayoff(Refusal):
    """The product takes no payoff before the last due date; `matures_on` names it."""

    code = "servicing.no-early-payoff"


@dataclass(frozen=True, kw_only=True)
class QuotePayoff:
    """The loan, and the date on which it is to be paid off."""

    loan_id: UUID
    party_id: UUID
    valid_on: date


@dataclass(frozen=True, kw_only=True)
class PayoffQuoted:
    """The quote: valid on one business date alone, as long as nothing else is paid or charged."""

    quote_id: UUID
    loan_id: UUID
    valid_on: date
    principal: Money
    interest: Money
    penalty: Money
    fee: Money
    prepayment_fee: Money
    total: Money


@operation("servicing.quote-payoff", restore=PayoffQuoted)
def quote_payoff(command: QuotePayoff, call: Call) -> PayoffQuoted:
    """Quote and keep it. Raises QuoteDateOutOfRange, NoEarlyPayoff, NotFound, AlreadyPaid."""
    last = call.on + timedelta(days=DAYS_AHEAD)
    if not call.on <= command.valid_on <= last:
        raise QuoteDateOutOfRange(
            field="valid_on",
            value=command.valid_on.isoformat(),
            allowed=f"{call.on.isoformat()}/{last.isoformat()}",
        )
    loan = locked_loan(command.loan_id, command.party_id, call)
    if not loan.is_prepayable and command.valid_on < loan.matures_on:
        raise NoEarlyPayoff(matures_on=loan.matures_on.isoformat())
    life, day = life_of(loan), call.on
    while day < command.valid_on:
        life, day = close_day(life, day), day + timedelta(days=1)
    asked = payoff(life, command.valid_on, prepayment_of(loan))
    row = PayoffQuote.objects.create(
        id=new_id(call.at),
        loan=loan,
        valid_on=command.valid_on,
        quoted_at=call.at,
        principal_minor=asked.principal,
        interest_minor=asked.interest,
        penalty_minor=asked.penalty,
        fee_minor=asked.fee,
        prepayment_fee_minor=asked.prepayment_fee,
    )
    return _quoted(row, asked)


def _quoted(row: PayoffQuote, asked: Payoff) -> PayoffQuoted:
    return PayoffQuoted(
        quote_id=row.pk,
        loan_id=row.loan_id,
        valid_on=row.valid_on,
        principal=Money(asked.principal),
        interest=Money(asked.interest),
        penalty=Money(asked.penalty),
        fee=Money(asked.fee),
        prepayment_fee=Money(asked.prepayment_fee),
        total=Money(asked.total),
    )
