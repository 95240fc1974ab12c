"""Laws of every schedule, for ten thousand random terms of every method."""

from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from rongqiao.finance.rounding import Mode
from rongqiao.finance.schedule.batch import RATE_UNITS, level_schedules
from rongqiao.finance.schedule.engine import general_schedule, schedule
from rongqiao.finance.schedule.periods import periods
from rongqiao.finance.schedule.terms import (
    DAY_COUNTS,
    BadTerms,
    Every,
    Grace,
    Method,
    MonthEnd,
    Terms,
    Unit,
)
from tests.makers.terms import FIRST, LAST, random_rate, random_start, random_terms

EXAMPLES = 10_000

# Terms come from one seed each: drawn option by option they would take ten times as long.
seeds = st.integers(0, 2**64 - 1)


def laws(examples):
    lenient = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    return settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=lenient
    )


def drawn(seed, method):
    """Return terms and their schedule; terms that cannot be are drawn anew."""
    try:
        terms = random_terms(Random(seed), method)
        return terms, schedule(terms)
    except BadTerms:
        reject()


def capitalised(terms, rows):
    """What joined the balance: the interest of rows in grace, where it is not waived."""
    balance, joined = terms.principal, []
    for row in rows:
        joined.append(row.balance + row.principal - balance)
        balance = row.balance
    if not terms.grace.capitalise:
        assert not any(joined)
    assert not any(joined[terms.grace.interest_terms :])
    return sum(joined)


def hold_the_laws(terms, found):
    rows, totals = list(found.rows), found.totals
    assert sum(row.principal for row in rows) == terms.principal + capitalised(terms, rows)
    assert all(row.payment == row.principal + row.interest + row.fee for row in rows)
    assert totals.principal == sum(row.principal for row in rows)
    assert totals.interest == sum(row.interest for row in rows)
    assert totals.fee == sum(row.fee for row in rows) + found.fees.withheld
    assert totals.payment == totals.principal + totals.interest + totals.fee
    assert all(min(row.principal, row.interest, row.fee, row.balance) >= 0 for row in rows)
    # Only the last row clears the balance, and it does.
    assert [row.balance == 0 for row in rows] == [False] * (len(rows) - 1) + [True]
    dues = [terms.start, *(row.due_on for row in rows)]
    assert all(before < after for before, after in pairwise(dues))
    assert [row.from_on for row in rows] == dues[:-1]
    assert all(row.days == (row.due_on - row.from_on).days for row in rows)
    assert terms.count is None or len(rows) <= terms.count


@pytest.mark.parametrize("method", Method)
def test_parts_sum_to_the_whole_and_not_a_fen_is_made_or_lost(method):
    @laws(EXAMPLES)
    @given(seeds)
    def law(seed):
        hold_the_laws(*drawn(seed, method))

    law()


@laws(2000)
@given(seeds, st.sampled_from(Method))
def test_interest_is_the_exact_ratio_of_what_bears_it_rounded_once(seed, method):
    terms, found = drawn(seed, method)
    rows = list(found.rows)
    all_periods = periods(terms, len(rows))
    unit, mode = terms.interest_rounding.unit, terms.interest_rounding.mode
    balance = terms.principal
    for place, row in enumerate(rows):
        bears = terms.principal if terms.method is Method.FLAT else balance
        exact = bears * Fraction(*all_periods.growth(place, place)) / unit
        accrued = row.interest
        if place < terms.grace.interest_terms:
            assert row.interest == 0
            accrued = row.balance + row.principal - balance
            exact = exact if terms.grace.capitalise else Fraction(0)
        gap = Fraction(accrued, unit) - exact
        assert accrued % unit == 0
        assert {Mode.UP: 0 <= gap < 1, Mode.DOWN: -1 < gap <= 0}.get(mode, abs(gap) <= 0.5)
        balance = row.balance


@laws(3000)
@given(
    seeds,
    st.integers(1, 120),
    st.sampled_from((Unit.MONTH, Unit.QUARTER, Unit.YEAR)),
    st.sampled_from(MonthEnd),
)
def test_the_short_way_of_a_plain_loan_is_the_general_way(seed, rows, unit, month_end):
    random = Random(seed)
    terms = Terms(
        principal=random.choice((random.randint(1, 200), random.randint(1, 10**10))),
        rate_annual=random_rate(random),
        start=random_start(random),
        terms=rows,
        every=Every(unit),
        month_end=month_end,
    )
    assert terms.plain is not None
    short, general = schedule(terms), general_schedule(terms)
    assert list(short.rows) == list(general.rows)
    assert short.totals == general.totals


# Small, usual and very large loans; rates of any digit and round ones.
loans = st.tuples(
    st.integers(1, 200) | st.integers(10_000, 10**9) | st.integers(10**14, 10**15),
    st.integers(0, 40_000_000) | st.integers(0, 4_000).map(lambda points: points * 10_000),
    st.integers(FIRST, LAST),
)


@laws(200)
@given(
    st.lists(loans, min_size=1, max_size=20),
    st.integers(1, 60),
    st.sampled_from((1, 3, 12)),
    st.sampled_from(MonthEnd),
)
def test_a_batch_is_the_engine_loan_by_loan(many, rows, months, month_end):
    columns = [np.array(column, np.int64) for column in zip(*many, strict=True)]
    batch = level_schedules(*columns, rows, months, month_end)
    interests, parts = batch.interests(), batch.principal_parts()
    for loan, (principal, rate, start) in enumerate(many):
        terms = batch.terms(loan)
        assert (terms.principal, terms.rate_annual) == (principal, Fraction(rate, RATE_UNITS))
        assert terms.start.toordinal() == start
        engine, found = schedule(terms), batch.schedule(loan)
        assert list(found.rows) == list(engine.rows)
        if not batch.odd[loan]:
            assert interests[:, loan].tolist() == list(engine.columns.interests)
            assert parts[:, loan].tolist() == list(engine.columns.principals)


@laws(2000)
@given(
    seeds,
    st.sampled_from((Method.EQUAL_PRINCIPAL, Method.FLAT)),
    st.integers(2, 60),
    st.sampled_from(("last", "first")),
    st.integers(0, 3),
)
def test_level_principal_is_equal_but_where_the_remainder_is_put(
    seed, method, rows, remainder, grace
):
    random = Random(seed)
    grace = min(grace, rows - 2)
    principal = random.randint(10_000, 10**9)
    terms = Terms(
        principal=principal,
        rate_annual=random_rate(random),
        start=random_start(random),
        method=method,
        terms=rows,
        remainder=remainder,
        grace=Grace(principal_terms=grace),
    )
    parts = list(schedule(terms).columns.principals)
    assert parts[:grace] == [0] * grace
    equal = parts[grace + 1 :] if remainder == "first" else parts[grace:-1]
    assert len(set(equal)) == 1
    assert abs(equal[0] - Fraction(principal, rows - grace)) <= Fraction(1, 2)


@laws(1000)
@given(seeds, st.integers(2, 60), st.sampled_from(DAY_COUNTS))
def test_no_other_first_instalment_would_bring_the_last_one_nearer(seed, rows, day_count):
    random = Random(seed)
    given_terms = {
        "principal": random.randint(10_000, 10**9),
        "rate_annual": random_rate(random),
        "start": random_start(random),
        "terms": rows,
        "day_count": day_count,
    }
    terms = Terms(**given_terms, remainder="first")
    try:
        payments = schedule(terms).payments
        level, *others = schedule(Terms(**given_terms)).payments
    except BadTerms:
        reject()
    if min(len(payments), len(others) + 1) < rows:
        # At 39 % a period a fen in fifty-eight of them grows beyond what is owed: cleared early.
        reject()
    assert len(payments) == rows
    assert set(payments[1:-1]) <= {level}
    all_periods = periods(terms, rows)

    def miss(first):
        balance, interest = terms.principal, 0
        for place in range(rows):
            top, bottom = all_periods.growth(place, place)
            interest = terms.interest_rounding.of(balance * top, bottom)
            balance += interest - (level if place else first)
        return abs(balance)

    assert miss(payments[0]) == abs(payments[-1] - level)
    assert miss(payments[0]) <= min(miss(payments[0] - 1), miss(payments[0] + 1))
