"""Lend what was signed, or its first sum: plan, books, borrower's wallet, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.finance.schedule.engine import schedule
from rongqiao.lending.origination.operations.signing.take_up import LoanOrder, take_up
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.events import LoanDisbursed
from rongqiao.lending.servicing.models.amending.draws import DrawRoom
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.settling import write_entry
from rongqiao.lending.servicing.operations.starting.floating import float_from_signing
from rongqiao.lending.servicing.operations.starting.opening import Contract, open_loan
from rongqiao.lending.servicing.postings import Parts
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class Disburse:
    """The signed agreement: a loan's, or a drawing's on a credit limit."""

    agreement_id: UUID


@dataclass(frozen=True, kw_only=True)
class Disbursed:
    """The loan that came of it."""

    loan_id: UUID
    number: str
    amount: Money
    matures_on: date


@operation("servicing.disburse", restore=Disbursed)
def disburse(command: Disburse, call: Call) -> Disbursed:
    """Lend on today's business date and tell LoanDisbursed.

    Raises NotFound, and origination's NotToBeLent for an agreement cancelled or lent before.
    """
    order = take_up(command.agreement_id, call)
    planned = schedule(order.terms(call.on))
    loan = open_loan(
        _contract(order),
        list(planned.rows),
        loan_id=new_id(call.at),
        number=short_number("L", call.at),
        at=call.at,
        on=call.on,
    )
    if order.floating is not None:
        float_from_signing(loan, order.floating, call)
    if order.lent < order.amount:
        _leave_room(loan, order, call)
    _book(loan, planned.fees.withheld, call)
    publish(
        LoanDisbursed(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            amount=order.lent,
            number=loan.number,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return Disbursed(
        loan_id=loan.pk, number=loan.number, amount=order.lent, matures_on=loan.matures_on
    )


def _contract(order: LoanOrder) -> Contract:
    product = order.product
    return Contract(
        agreement_id=order.agreement_id,
        drawing_id=order.drawing_id,
        party_id=order.party_id,
        product_code=order.product_code,
        product_version=order.product_version,
        method=product.method,
        day_count=product.day_count,
        principal=order.lent.minor,
        rate_annual=order.rate_annual,
        penalty_rate_annual=order.penalty_rate_annual,
        grace_days=product.grace_days,
        is_penalty_on_interest=product.is_penalty_on_interest,
        prepayment=product.prepayment,
        prepayment_fee_rate=product.prepayment_fee_rate,
        prepayment_fee_free_after=product.prepayment_fee_free_after,
        allocation_order=product.allocation_order,
    )


def _leave_room(loan: Loan, order: LoanOrder, call: Call) -> None:
    """Keep what of the agreement may still be drawn, and until when."""
    draws = order.product.draws
    assert draws is not None, order.agreement_id
    DrawRoom.objects.create(
        loan=loan,
        agreed_minor=order.amount.minor,
        most=draws.most,
        last_on=call.on + timedelta(days=draws.days),
        least_minor=draws.least.minor,
    )


def _book(loan: Loan, fee: int, call: Call) -> None:
    """Post the loan, then a fee due on this day as a movement of its own.

    The principal reaches the borrower whole: interest may not be deducted in advance (Civil Code,
    article 670), and neither is the fee.
    """
    product, party = loan.product_code, loan.party_id
    open_accounts([postings.wallet(party), *postings.accounts_of_product(product)], call)
    lent = Money(loan.principal_minor)
    journals = [postings.disbursement(loan.number, product, party, lent, call.on)]
    if fee:
        journals.append(
            postings.fee_at_disbursement(loan.number, product, party, Money(fee), call.on)
        )
    ids = post(journals, call)
    principal = Parts(principal=loan.principal_minor)
    entries = [write_entry(loan, "disbursement", principal, call, journal=ids[0])]
    if fee:
        entries.append(write_entry(loan, "settlement", Parts(fee=fee), call, journal=ids[1]))
        entries.append(write_entry(loan, "repayment", Parts(fee=-fee), call, journal=ids[1]))
    LoanEntry.objects.bulk_create(entries)
