"""Laws of what is left after a prepayment in part."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.remaining import AMORTISING, IN_PART, growth_of, lowered, shortened
from rongqiao.finance.schedule.terms import Method, Terms

STARTS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
RATES = st.integers(0, 3600).map(lambda per_myriad: Fraction(per_myriad, 10_000))
BALANCES = st.integers(1, 10**10)


def plan(method, start, rate, terms, principal=1_000_000, day_count="30/360"):
    return list(
        schedule(
            Terms(
                principal=principal,
                rate_annual=rate,
                start=start,
                method=method,
                terms=terms,
                day_count=day_count,
            )
        ).rows
    )


def growths_of(rows, rate, day_count="30/360"):
    return [growth_of(day_count, rate, row.from_on, row.due_on) for row in rows]


@given(
    st.sampled_from(IN_PART),
    STARTS,
    RATES,
    st.integers(1, 36),
    st.sampled_from(["30/360", "act/360", "act/365f", "act/act_isda", "1/1", "act/act_icma"]),
)
def test_a_period_earns_what_the_schedule_says(method, start, rate, terms, day_count):
    rows = plan(method, start, rate, terms, day_count=day_count)
    balance = 1_000_000
    for row, (top, bottom) in zip(rows, growths_of(rows, rate, day_count), strict=True):
        assert row.interest == (2 * balance * top + bottom) // (2 * bottom)
        balance = row.balance


@given(st.sampled_from(IN_PART), STARTS, RATES, st.integers(1, 36), BALANCES)
def test_a_whole_loan_lowered_by_nothing_is_its_own_schedule(method, start, rate, terms, balance):
    rows = plan(method, start, rate, terms, balance)
    found = lowered(method, balance, growths_of(rows, rate))
    assert list(found.principals) == [row.principal for row in rows]
    assert list(found.interests) == [row.interest for row in rows]


@given(st.sampled_from(AMORTISING), STARTS, RATES, st.integers(2, 36), st.data())
def test_both_ways_repay_the_balance_and_shorter_costs_no_more(method, start, rate, terms, data):
    rows = plan(method, start, rate, terms)
    balance = data.draw(st.integers(1, 999_999))
    growths = growths_of(rows, rate)
    low = lowered(method, balance, growths)
    short = shortened(method, balance, growths, rows[0].principal, rows[0].interest)
    for found in (low, short):
        assert sum(found.principals) == balance
        assert found.balances[-1] == 0
        assert min(found.principals) >= 0
        assert sum(found.interests) <= sum(row.interest for row in rows)
    assert len(short.principals) <= len(low.principals)
    # Each rounded amount may differ by half a fen.
    assert sum(short.interests) <= sum(low.interests) + terms
    level = rows[0].principal + rows[0].interest
    if method is Method.EQUAL_INSTALMENT:
        paid = [p + i for p, i in zip(short.principals, short.interests, strict=True)]
        assert all(one == level for one in paid[:-1])
        assert low.principals[0] + low.interests[0] <= level
