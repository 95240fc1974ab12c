"""Loans for tests of servicing, opened straight from terms; books and wallets to go with them."""

import itertools
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import Every, Fee, FeeAt, Method, Terms, Unit
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.operations.repaying.settling import write_entry
from rongqiao.lending.servicing.operations.starting.opening import Contract, open_loan
from rongqiao.lending.servicing.postings import Parts
from rongqiao.lending.servicing.queries.checks import check_loans, subledger_totals
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.queries.books import product_balances
from rongqiao.money.payments.postings import ACCOUNTS_OF_CAPITAL, capital
from rongqiao.platform.operations import operation

_numbers = itertools.count(1)


def uuid_of(number):
    return UUID(int=number)


def penalty_rate_of(rate, multiple):
    """Return what a product makes of a rate and its multiple: eight places, half-up."""
    return (rate * multiple).quantize(Decimal("1e-8"), ROUND_HALF_UP)


@dataclass(frozen=True, kw_only=True)
class Lend:
    """A loan opened without an application: what a test says is so."""

    principal: int
    party: UUID
    product: str = "test"
    rate: Decimal = Decimal("0.12")
    terms: int = 3
    every: str = "month"
    method: str = "equal_instalment"
    day_count: str = "30/360"
    fee_each: int = 0
    penalty_multiple: Decimal = Decimal("1.5")
    grace_days: int = 0
    is_penalty_on_interest: bool = False
    prepayment: str = "any"
    prepayment_fee_rate: Decimal = Decimal(0)
    prepayment_fee_free_after: int = 0
    allocation_order: str = "by_instalment"
    wallet: int = 0


@dataclass(frozen=True, kw_only=True)
class Lent:
    loan_id: UUID


@operation("tests.lend", restore=Lent)
def lend(command: Lend, call) -> Lent:
    """Open the accounts and the loan, post the disbursement, and top the wallet up."""
    number = next(_numbers)
    fees = (Fee("service", FeeAt.EACH, command.fee_each),) if command.fee_each else ()
    rows = list(
        schedule(
            Terms(
                principal=command.principal,
                rate_annual=Fraction(command.rate),
                start=call.on,
                method=Method(command.method),
                terms=command.terms,
                every=Every(Unit(command.every)),
                day_count=command.day_count,
                fees=fees,
            )
        ).rows
    )
    contract = Contract(
        agreement_id=uuid_of(2 * 10**9 + number),
        drawing_id=None,
        party_id=command.party,
        product_code=command.product,
        product_version=1,
        method=command.method,
        day_count=command.day_count,
        principal=command.principal,
        rate_annual=command.rate,
        penalty_rate_annual=penalty_rate_of(command.rate, command.penalty_multiple),
        grace_days=command.grace_days,
        is_penalty_on_interest=command.is_penalty_on_interest,
        prepayment=command.prepayment,
        prepayment_fee_rate=command.prepayment_fee_rate,
        prepayment_fee_free_after=command.prepayment_fee_free_after,
        allocation_order=command.allocation_order,
    )
    loan_id = uuid_of(10**9 + number)
    loan = open_loan(contract, rows, loan_id=loan_id, number=f"L{number}", at=call.at, on=call.on)
    wallet = postings.wallet(command.party)
    codes = [wallet, *ACCOUNTS_OF_CAPITAL, *postings.accounts_of_product(command.product)]
    open_accounts(codes, call)
    journals = [
        capital(f"C{number}", call.on, Money(command.principal)),
        postings.disbursement(
            loan.number, command.product, command.party, Money(command.principal), call.on
        ),
    ]
    if command.wallet:
        money = Money(command.wallet)
        legs = (debit("custodian-cash", money), credit(wallet, money))
        journals.append(Journal("receipt", loan.number, call.on, legs))
    ids = post(journals, call)
    lent = Parts(principal=command.principal)
    write_entry(loan, "disbursement", lent, call, journal=ids[1]).save()
    return Lent(loan_id=loan_id)


def assert_books_hold():
    """Law 5: the books and the loans agree, and every loan is the sum of its parts."""
    books, loans = product_balances(), subledger_totals()
    assert {code: money for code, money in books.items() if money} == {
        code: money for code, money in loans.items() if money
    }
    assert check_loans().broken == 0, check_loans()


@dataclass(frozen=True, kw_only=True)
class PayIn:
    party: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PaidIn:
    journal: int


@operation("tests.pay-in", restore=PaidIn)
def pay_in(command: PayIn, call) -> PaidIn:
    """Put money into a wallet as if a transfer had been confirmed."""
    legs = (
        debit("custodian-cash", command.amount),
        credit(postings.wallet(command.party), command.amount),
    )
    open_accounts(["custodian-cash"], call)
    (journal,) = post([Journal("receipt", "test", call.on, legs)], call)
    return PaidIn(journal=journal)


@dataclass(frozen=True, kw_only=True)
class Fund:
    amount: Money


@operation("tests.fund-operator", restore=PaidIn)
def fund_operator(command: Fund, call) -> PaidIn:
    """Put the operator's own money into the pool, as if two officers had confirmed it."""
    open_accounts(ACCOUNTS_OF_CAPITAL, call)
    (journal,) = post([capital("test", call.on, command.amount)], call)
    return PaidIn(journal=journal)
