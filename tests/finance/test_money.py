"""Decimal text comes in exactly or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.money import LARGEST_MINOR, BadAmount, Money

fen = st.integers(-LARGEST_MINOR, LARGEST_MINOR)


@given(fen)
def test_text_and_amount_are_one(minor):
    assert Money.yuan(Money(minor).text()) == Money(minor)


@given(fen, fen)
def test_sums_are_exact(one, other):
    assert Money(one) + Money(other) - Money(other) == Money(one)
    assert -Money(one) + Money(one) == Money.zero()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "1e3",
        "NaN",
        "Infinity",
        "0.001",
        "1,000",
        "１２",
        "١٢",
        "1.",
        ".5",
        "+1",
        "0x1",
        "1_000",
        "99999999999999.99",
        "10000000000000.01",
        "¥1",
        "1 000",
        "--1",
        "1\n",
        "1.2.3",
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(BadAmount):
        Money.yuan(text)


def test_two_currencies_never_mix():
    with pytest.raises(AssertionError):
        Money(1) + Money(1, "USD")
