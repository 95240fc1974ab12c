"""Say what paying a part early costs today, and what each choice makes of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.quotes import PrepaymentQuote
from rongqiao.lending.servicing.operations.prepaying.new_plan import plain, planned
from rongqiao.lending.servicing.operations.repaying.settling import locked_loan
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class QuotePrepayment:
    """The loan, and how much of its principal is to be paid early."""

    loan_id: UUID
    party_id: UUID
    principal: Money


@dataclass(frozen=True, kw_only=True)
class PrepaymentQuoted:
    """The quote: valid on one business date alone, as long as nothing else is paid or charged."""

    quote_id: UUID
    loan_id: UUID
    valid_on: date
    principal: Money
    interest: Money
    fee: Money
    total: Money
    choices: tuple[str, ...]


@operation("servicing.quote-prepayment", restore=PrepaymentQuoted)
def quote_prepayment(command: QuotePrepayment, call: Call) -> PrepaymentQuoted:
    """Quote today's price and the new plans, and keep them.

    Raises NoPartPrepayment, PayDueFirst, PrepaymentOutOfRange, NotFound, AlreadyPaid.
    """
    loan = locked_loan(command.loan_id, command.party_id, call)
    cost, plans = planned(loan, command.principal.minor, call)
    ahead = loan.instalments.filter(is_due=False).values_list("interest_minor", flat=True)
    row = PrepaymentQuote.objects.create(
        id=new_id(call.at),
        loan=loan,
        valid_on=call.on,
        quoted_at=call.at,
        principal_minor=cost.principal,
        interest_minor=cost.interest,
        fee_minor=cost.fee,
        interest_ahead_minor=sum(ahead),
        plans={choice.value: plain(rows) for choice, rows in plans.items()},
    )
    return PrepaymentQuoted(
        quote_id=row.pk,
        loan_id=loan.pk,
        valid_on=row.valid_on,
        principal=Money(cost.principal),
        interest=Money(cost.interest),
        fee=Money(cost.fee),
        total=Money(cost.total),
        choices=tuple(choice.value for choice in plans),
    )
