"""The internal rate of return: exact where there is one, plain words where there is none."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.apr.irr import (
    NoRate,
    Term,
    annualised,
    monthly_irr,
    period_rate,
    twelve_decimals,
)


def worth(flows, rate):
    return sum(Decimal(flow) / (1 + rate) ** month for month, flow in enumerate(flows))


def test_the_central_banks_own_example():
    """PBOC announcement [2021] No. 3: 100,000 less a fee of 1,000, 12 x 8,833.30."""
    simple, compound = annualised(monthly_irr([-9_900_000] + [883_330] * 12))
    assert twelve_decimals(simple) == "0.128038018510"
    assert twelve_decimals(compound) == "0.135825576327"


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([-10_000, 10_100], "0.01"),
        ([-10_000, 5_000, 5_000], "0"),
        ([10_000, -10_100], "0.01"),
        ([-10_000, 5_000], "-0.5"),
        ([-1, 10**15], "999999999999999"),
        ([0, 0, -500, 0, 605], "0.1"),
        ([-100, 50, -50, 120], None),
    ],
)
def test_a_single_rate_is_found_to_the_last_digit(flows, rate):
    found = monthly_irr(flows)
    assert abs(worth(flows, found)) < Decimal("1e-25") * max(map(abs, flows))
    if rate is not None:
        assert abs(found - Decimal(rate)) <= Decimal("1e-30") * max(1, abs(Decimal(rate)))


@pytest.mark.parametrize(
    ("flows", "words"),
    [
        ([], None),
        ([-100, -5], "money must go both ways"),
        ([100], "money must go both ways"),
        ([-100, 230, -132], "several rates"),
        ([-100, 220, -121], "several rates"),  # One double root at 10 %.
        ([-1000, 3600, -4310, 1716], "several rates"),  # 10 %, 20 % and 30 %.
        ([100, -230, 133], "no rate"),
        ([-1, 3, -3, 10, -40], "no rate"),
    ],
)
def test_no_rate_and_several_rates_are_said(flows, words):
    if words is None:
        assert monthly_irr(flows) == 0
        return
    with pytest.raises(NoRate, match=words):
        monthly_irr(flows)


def test_flows_that_cancel_at_every_moment_cost_nothing():
    assert period_rate([Term(0, 0, 1, -500), Term(0, 0, 1, 500)]) == 0


def test_a_rate_too_large_to_print_is_said():
    with pytest.raises(NoRate, match="above 1000000000000000"):
        twelve_decimals(Decimal(10) ** 16)


@given(
    st.integers(1, 10**12),
    st.lists(st.integers(0, 10**10), min_size=1, max_size=60).filter(any),
)
def test_a_loan_has_one_rate_and_it_clears_the_loan(principal, payments):
    flows = [-principal, *payments]
    rate = monthly_irr(flows)
    assert rate > -1
    scale = max(Decimal(payment) / (1 + rate) ** month for month, payment in enumerate(flows, 0))
    assert abs(worth(flows, rate)) <= Decimal("1e-20") * max(scale, principal)
    assert (rate > 0) == (sum(flows) > 0)


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=9))
def test_what_is_found_is_the_only_root_on_a_fine_grid(flows):
    """Where one rate is returned, a sign change of the worth is seen nowhere else."""
    try:
        rate = monthly_irr(flows)
    except NoRate:
        return
    if not any(flows):
        return
    grid = [Decimal("1.03") ** step - 1 for step in range(-200, 200)]
    assert len({worth(flows, at) > 0 for at in grid if at < rate - Decimal("1e-9")}) <= 1
    assert len({worth(flows, at) > 0 for at in grid if at > rate + Decimal("1e-9")}) <= 1


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 29), st.integers(-9999, 9999)), max_size=8
    )
)
def test_parts_of_a_period_never_break_the_search(moments):
    terms = [Term(whole, part, 30, amount) for whole, part, amount in moments]
    try:
        rate = period_rate(terms)
    except NoRate:
        return
    worths = [
        Decimal(amount) / ((1 + rate * part / 30) * (1 + rate) ** whole)
        for whole, part, _, amount in terms
    ]
    assert abs(sum(worths)) <= Decimal("1e-15") * max(map(abs, worths), default=1)


def test_flows_too_tangled_to_decide_are_refused_in_time():
    tangled = [(-1) ** month * (1000 + month % 7) for month in range(10_000)]
    with pytest.raises(NoRate, match="cannot be told whether one rate or several"):
        monthly_irr(tangled)
