"""Say what drawing a further sum today makes of the plan, and keep it to be drawn as quoted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.engine import Life
from rongqiao.lending.servicing.models.amending.draws import FurtherDraw
from rongqiao.lending.servicing.operations.prepaying.new_plan import plain
from rongqiao.lending.servicing.operations.repaying.settling import locked_loan
from rongqiao.lending.servicing.queries.amending.changes import open_rows
from rongqiao.lending.servicing.queries.amending.draws import drawn_life
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class QuoteDraw:
    """The loan, and how much more is to be drawn on it."""

    loan_id: UUID
    party_id: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class DrawQuoted:
    """The quote: valid on one business date alone, as long as nothing else changes the loan.

    `more_interest` is what the new plan earns more than the one in force.
    """

    quote_id: UUID
    loan_id: UUID
    valid_on: date
    amount: Money
    more_interest: Money


@operation("servicing.quote-draw", restore=DrawQuoted)
def quote_draw(command: QuoteDraw, call: Call) -> DrawQuoted:
    """Quote the plan after the draw; nothing moves yet.

    Raises NotFound, AlreadyPaid, LoanGivenUp and what `draws.drawn_life` does.
    """
    loan = locked_loan(command.loan_id, command.party_id, call)
    before, after = drawn_life(loan, command.amount, call.on)
    row = FurtherDraw.objects.create(
        id=new_id(call.at),
        loan=loan,
        amount_minor=command.amount.minor,
        valid_on=call.on,
        quoted_at=call.at,
        interest_before_minor=_interest(before, call),
        interest_after_minor=_interest(after, call),
        plan=plain(open_rows(after, call.on)),
    )
    return DrawQuoted(
        quote_id=row.pk,
        loan_id=loan.pk,
        valid_on=row.valid_on,
        amount=command.amount,
        more_interest=Money(row.interest_after_minor - row.interest_before_minor),
    )


def _interest(life: Life, call: Call) -> int:
    return sum(row.interest for row in open_rows(life, call.on))
