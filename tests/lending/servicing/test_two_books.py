"""Client money and the operator's own: every movement balances in each book by itself."""

from datetime import date

import pytest

from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.postings import Parts
from rongqiao.money.ledger.chart import Book, line_of
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.payments.postings import capital
from rongqiao.platform.operations import operation
from tests.makers.loans import Fund, PaidIn, fund_operator, uuid_of

PARTY, ON = uuid_of(7), date(2026, 1, 5)
PAID = Parts(principal=100_00, interest=3_21, penalty=1, fee=50)
JOURNALS = [
    postings.disbursement("L1", "p", PARTY, Money(1_000_00), ON),
    postings.fee_at_disbursement("L1", "p", PARTY, Money(5_00), ON),
    postings.repayment("L1", "p", PARTY, PAID, ON),
    postings.charges("L1", "p", {"interest": 321, "fee": 50}, ON),
    capital("C1", ON, Money(1_00)),
]


@pytest.mark.parametrize("journal", JOURNALS, ids=lambda journal: journal.kind)
def test_a_journal_balances_in_each_book_by_itself(journal):
    sums = dict.fromkeys(Book, 0)
    for leg in journal.legs:
        sums[line_of(leg.account).book] += leg.amount.minor
    assert sums == {Book.CUSTODY: 0, Book.OWN: 0}


@operation("tests.lend-one", restore=PaidIn)
def lend_one(command: Fund, call) -> PaidIn:
    open_accounts([postings.wallet(PARTY), *postings.accounts_of_product("p")], call)
    (number,) = post([postings.disbursement("L2", "p", PARTY, command.amount, call.on)], call)
    return PaidIn(journal=number)


def test_what_the_operator_does_not_own_cannot_be_lent(call):
    fund_operator(Fund(amount=Money.yuan("1000.00")), call())
    lend_one(Fund(amount=Money.yuan("999.99")), call())
    with pytest.raises(InsufficientFunds):
        lend_one(Fund(amount=Money.yuan("0.02")), call())
