"""What an item bears and covers: laws of the pure rules."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rongqiao.lending.collateral.valuing import (
    Charge,
    Worth,
    Yardstick,
    coverage,
    covers,
    free_value,
    is_enough,
    loan_to_value,
    net_value,
)

minors = st.integers(0, 10**12)
fractions = st.integers(0, 10_000).map(lambda n: Decimal(n) / 10_000)
worths = st.builds(Worth, value_minor=minors, prior_minor=minors)
charges = st.lists(st.integers(1, 10**11), max_size=6).map(
    lambda amounts: [Charge(rank=i, amount_minor=one) for i, one in enumerate(amounts, start=1)]
)


def yardstick(haircut=Decimal("0.4"), ltv_max=Decimal("0.7")):
    return Yardstick(
        haircut=haircut, ltv_max=ltv_max, coverage_min=Decimal(1), stale_after_days=180
    )


@given(worths, fractions, charges)
def test_no_pledge_covers_more_than_it_secures_nor_all_more_than_the_item_gives(
    worth, haircut, standing
):
    found = covers(worth, haircut, standing)
    assert all(0 <= found[one.rank] <= one.amount_minor for one in standing)
    assert sum(found.values()) <= max(0, worth.value_minor - worth.prior_minor)


@given(worths, fractions, charges)
def test_an_earlier_rank_is_served_before_a_later_one(worth, haircut, standing):
    found = covers(worth, haircut, standing)
    served = [found[one.rank] == one.amount_minor for one in standing]
    assert served == sorted(served, reverse=True)


@given(worths, fractions, charges, st.integers(1, 10**11))
def test_a_later_charge_takes_nothing_from_the_earlier_ones(worth, haircut, standing, more):
    before = covers(worth, haircut, standing)
    later = Charge(rank=len(standing) + 1, amount_minor=more)
    after = covers(worth, haircut, [*standing, later])
    assert {rank: after[rank] for rank in before} == before


@given(worths, minors, fractions.filter(bool), st.integers(1, 10**12))
def test_what_is_free_shrinks_by_what_is_secured(worth, secured, ltv_max, more):
    judged = yardstick(ltv_max=ltv_max)
    free = free_value(worth, judged, secured)
    assert free_value(worth, judged, secured + more) == max(0, free - more)
    assert free + secured + worth.prior_minor <= worth.value_minor or free == 0


@given(minors, minors, st.integers(1, 10**12))
def test_more_debt_never_lowers_loan_to_value(debt, more, net):
    assert loan_to_value(debt + more, net) >= loan_to_value(debt, net)


@given(minors, st.integers(1, 10**12), minors)
def test_more_value_never_raises_loan_to_value(debt, net, more):
    assert loan_to_value(debt, net + more) <= loan_to_value(debt, net)


@given(minors, minors, st.integers(1, 10**12))
def test_more_cover_never_lowers_coverage(cover, more, debt):
    assert coverage(cover + more, debt) >= coverage(cover, debt)


@given(worths, minors, minors)
def test_an_earlier_charge_never_raises_the_value_left(worth, earlier, more):
    assert net_value(worth, earlier + more) <= net_value(worth, earlier)


def test_a_loan_never_looks_better_secured_than_it_is():
    assert loan_to_value(1, 30_000) == 1
    assert coverage(99_999, 100_000) == 9_999
    assert not is_enough(99_999, 100_000, Decimal(1))
    assert is_enough(100_000, 100_000, Decimal(1))


def test_without_value_there_is_no_ratio():
    assert loan_to_value(100, 0) is None
    assert coverage(100, 0) is None


def test_a_value_is_stale_the_day_after_its_last():
    judged = yardstick()
    assert not judged.is_stale(date(2026, 1, 1), date(2026, 6, 30))
    assert judged.is_stale(date(2026, 1, 1), date(2026, 7, 1))
    assert judged.is_stale(None, date(2026, 1, 1))
