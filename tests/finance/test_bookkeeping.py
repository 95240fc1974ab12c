"""Journals balance or do not exist."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.bookkeeping import Journal, Leg, credit, debit, journal
from rongqiao.finance.money import Money

DAY = date(2026, 1, 5)
AMOUNTS = st.integers(0, 10**12).map(Money)


def test_a_debit_is_below_zero_and_a_credit_above():
    assert debit("custodian-cash", Money(5)) == Leg("custodian-cash", Money(-5))
    assert credit("wallet:7", Money(5)) == Leg("wallet:7", Money(5))


@pytest.mark.parametrize("make", [debit, credit])
def test_amounts_given_are_never_below_zero(make):
    with pytest.raises(AssertionError):
        make("suspense", Money(-1))


@given(st.lists(AMOUNTS, min_size=1, max_size=6))
def test_a_journal_drops_its_empty_legs_and_balances(amounts):
    total = Money(sum(amount.minor for amount in amounts))
    legs = [
        debit("custodian-cash", total),
        *(credit(f"wallet:{n}", a) for n, a in enumerate(amounts)),
    ]
    made = journal("receipt", "r1", DAY, legs)
    if not total:
        assert made is None
        return
    assert sum(leg.amount.minor for leg in made.legs) == 0
    assert all(leg.amount for leg in made.legs)
    assert len(made.legs) >= 2


@pytest.mark.parametrize(
    "legs",
    [
        (),
        (credit("a", Money(1)),),
        (debit("a", Money(1)), credit("b", Money(2))),
        (debit("a", Money(1)), credit("b", Money(1)), credit("c", Money(0))),
        (debit("a", Money(1, "CNY")), credit("b", Money(1, "USD"))),
    ],
)
def test_a_journal_that_does_not_balance_cannot_be_made(legs):
    with pytest.raises(AssertionError):
        Journal("x", "d", DAY, legs)


def test_each_currency_balances_alone():
    legs = [
        debit("a", Money(1, "CNY")),
        credit("b", Money(1, "CNY")),
        debit("a", Money(9, "USD")),
        credit("b", Money(9, "USD")),
    ]
    assert journal("exchange", "d", DAY, legs).legs == tuple(legs)
