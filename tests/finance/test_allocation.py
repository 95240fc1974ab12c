"""Payments shared among dues, and sums shared by weights: laws and the two orders by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.allocation import (
    SENIORITY,
    Bucket,
    Due,
    Order,
    allocate,
    split_largest_remainder,
)
from rongqiao.finance.money import Money

PAYMENTS = st.integers(0, 10**7).map(Money)
PLACES = st.tuples(st.integers(1, 12), st.sampled_from(Bucket))
DUES = st.dictionaries(PLACES, st.integers(0, 10**6), max_size=20).map(
    lambda owed: [Due(number, bucket, Money(minor)) for (number, bucket), minor in owed.items()]
)
ORDERS = st.sampled_from(Order)


def minors(dues):
    return {(due.instalment, due.bucket): due.amount.minor for due in dues}


@given(PAYMENTS, DUES, ORDERS)
def test_not_a_fen_is_made_or_lost(payment, dues, order):
    result = allocate(payment, dues, order)
    assert result.total + result.left_over == payment
    assert sum(due.amount.minor for due in result.paid) == result.total.minor
    assert sum(result.of(bucket).minor for bucket in Bucket) == result.total.minor


@given(PAYMENTS, DUES, ORDERS)
def test_money_is_left_over_only_where_nothing_stays_owed(payment, dues, order):
    result = allocate(payment, dues, order)
    owed = sum(due.amount.minor for due in dues)
    assert result.left_over.minor == max(0, payment.minor - owed)


@given(PAYMENTS, DUES, ORDERS)
def test_no_due_is_paid_more_than_it_is(payment, dues, order):
    owed = minors(dues)
    paid = allocate(payment, dues, order).paid
    assert len(minors(paid)) == len(paid)
    assert all(0 < minor <= owed[place] for place, minor in minors(paid).items())


@given(PAYMENTS, st.integers(0, 10**6).map(Money), DUES, ORDERS)
def test_a_larger_payment_never_pays_any_due_less(payment, more, dues, order):
    less_paid = minors(allocate(payment, dues, order).paid)
    more_paid = minors(allocate(payment + more, dues, order).paid)
    assert all(more_paid.get(place, 0) >= minor for place, minor in less_paid.items())


@given(PAYMENTS, DUES, ORDERS, st.randoms(use_true_random=False))
def test_the_order_of_the_list_changes_nothing(payment, dues, order, random):
    shuffled = list(dues)
    random.shuffle(shuffled)
    assert allocate(payment, shuffled, order) == allocate(payment, dues, order)


@given(PAYMENTS, PAYMENTS, DUES, ORDERS)
def test_two_payments_settle_what_their_sum_settles(first, second, dues, order):
    one = allocate(first, dues, order)
    settled = minors(one.paid)
    rest = [
        Due(
            d.instalment, d.bucket, Money(d.amount.minor - settled.get((d.instalment, d.bucket), 0))
        )
        for d in dues
    ]
    two = allocate(second, rest, order)
    both = allocate(first + second, dues, order)
    # What the first left over is the customer's, so it can only pay when dues remained.
    if not one.left_over:
        assert one.total + two.total == both.total


OWED = [
    Due(2, Bucket.PRINCIPAL, Money(1000)),
    Due(1, Bucket.PRINCIPAL, Money(1000)),
    Due(1, Bucket.INTEREST, Money(50)),
    Due(2, Bucket.INTEREST, Money(40)),
    Due(1, Bucket.PENALTY, Money(7)),
    Due(2, Bucket.FEE, Money(20)),
    Due(1, Bucket.FEE, Money(30)),
]


def test_by_instalment_the_oldest_is_settled_whole_first():
    paid = allocate(Money(1200), OWED, Order.BY_INSTALMENT).paid
    assert [(due.instalment, due.bucket, due.amount.minor) for due in paid] == [
        (1, Bucket.FEE, 30),
        (1, Bucket.PENALTY, 7),
        (1, Bucket.INTEREST, 50),
        (1, Bucket.PRINCIPAL, 1000),
        (2, Bucket.FEE, 20),
        (2, Bucket.INTEREST, 40),
        (2, Bucket.PRINCIPAL, 53),
    ]


def test_by_bucket_costs_come_before_any_interest_and_interest_before_any_principal():
    paid = allocate(Money(1200), OWED, Order.BY_BUCKET).paid
    assert [(due.instalment, due.bucket, due.amount.minor) for due in paid] == [
        (1, Bucket.FEE, 30),
        (2, Bucket.FEE, 20),
        (1, Bucket.PENALTY, 7),
        (1, Bucket.INTEREST, 50),
        (2, Bucket.INTEREST, 40),
        (1, Bucket.PRINCIPAL, 1000),
        (2, Bucket.PRINCIPAL, 53),
    ]


def test_the_law_puts_costs_first_and_principal_last():
    assert SENIORITY == (Bucket.FEE, Bucket.PENALTY, Bucket.INTEREST, Bucket.PRINCIPAL)


def test_a_payment_below_zero_is_a_mistake_of_the_caller():
    with pytest.raises(AssertionError):
        allocate(Money(-1), [], Order.BY_BUCKET)
    with pytest.raises(AssertionError):
        allocate(Money(1), [Due(1, Bucket.FEE, Money(-1))], Order.BY_BUCKET)


WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=30).filter(any)


@given(st.integers(-(10**12), 10**12).map(Money), WEIGHTS)
def test_shares_sum_to_the_whole_and_stay_within_a_fen_of_exact(total, weights):
    shares = split_largest_remainder(total, weights)
    assert sum(share.minor for share in shares) == total.minor
    whole = sum(weights)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.minor * whole - total.minor * weight) < whole
        assert weight or not share


@given(st.integers(0, 10**12).map(Money), WEIGHTS)
def test_a_larger_weight_never_gets_less(total, weights):
    pairs = sorted(zip(weights, split_largest_remainder(total, weights), strict=True))
    assert [share for _, share in pairs] == sorted(share for _, share in pairs)


@given(st.integers(0, 10**9).map(Money), WEIGHTS, st.randoms(use_true_random=False))
def test_places_change_only_who_of_equals_gets_the_odd_fen(total, weights, random):
    shuffled = list(weights)
    random.shuffle(shuffled)
    one = sorted(zip(weights, split_largest_remainder(total, weights), strict=True))
    other = sorted(zip(shuffled, split_largest_remainder(total, shuffled), strict=True))
    assert one == other


def test_the_odd_fen_goes_to_the_largest_remainder():
    assert [m.minor for m in split_largest_remainder(Money(100), [1, 1, 1])] == [34, 33, 33]
    assert [m.minor for m in split_largest_remainder(Money(10), [3, 3, 5])] == [3, 3, 4]
    assert [m.minor for m in split_largest_remainder(Money(-100), [1, 1, 1])] == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_weights_that_share_nothing_are_a_mistake_of_the_caller(weights):
    with pytest.raises(AssertionError):
        split_largest_remainder(Money(1), weights)
