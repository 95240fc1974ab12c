"""Day counts: laws that hold for all dates, and the published examples by hand."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.daycount import BASES, UnknownBasis, count, days, icma_ratio, ratio
from rongqiao.finance.months import add_months

DAYS = st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
NEAR = st.dates(min_value=date(1890, 1, 1), max_value=date(2110, 12, 31))


@given(st.sampled_from(BASES), DAYS, DAYS)
def test_every_basis_counts_any_two_dates_in_order(basis, one, other):
    start, end = sorted((one, other))
    own, fraction = count(basis, start, end)
    assert own >= 0 or basis.startswith("30")
    assert fraction == Fraction(*ratio(basis, start, end))
    assert own == days(basis, start, end)


@given(st.sampled_from([b for b in BASES if b != "1/1"]), NEAR)
def test_no_time_is_no_part_of_a_year(basis, on):
    # 30/360_psa and 30e+/360 may move only one of two equal dates; all others give nothing.
    fraction = count(basis, on, on)[1]
    if on.day < 28:
        assert fraction == 0


@given(st.sampled_from(["act/act_isda", "act/act_afb", "act/act_year", "act/365a", "nl/365"]), NEAR)
def test_a_year_is_nearly_one_year(basis, start):
    end = add_months(start, 12)
    assert abs(count(basis, start, end)[1] - 1) <= Fraction(2, 365)


@given(st.sampled_from(["act/act_afb", "act/act_year"]), NEAR, st.integers(1, 60))
def test_whole_years_are_whole(basis, start, years):
    if (start.month, start.day) != (2, 29):
        assert count(basis, start, add_months(start, 12 * years))[1] == years


@given(st.sampled_from([b for b in BASES if b.startswith("act/36") and b != "act/365a"]), NEAR)
def test_days_add_up_over_a_split(basis, start):
    middle, end = start + timedelta(days=40), start + timedelta(days=400)
    assert (
        count(basis, start, end)[1] == count(basis, start, middle)[1] + count(basis, middle, end)[1]
    )


@given(NEAR, st.integers(0, 5000))
def test_isda_splits_at_any_day(start, length):
    end = start + timedelta(days=length)
    middle = start + timedelta(days=length // 3)
    whole = count("act/act_isda", start, end)[1]
    assert whole == count("act/act_isda", start, middle)[1] + count("act/act_isda", middle, end)[1]


def test_afb_and_year_count_as_their_loops_do():
    """The published definitions step year by year; ours jump, and must land on the same day."""
    start = date(2000, 2, 27)
    for first in (start + timedelta(days=n) for n in range(0, 1500, 1)):
        for last in (first + timedelta(days=n) for n in (0, 1, 58, 364, 365, 366, 367, 1460, 1461)):
            assert count("act/act_afb", first, last)[1] == _afb_by_steps(first, last)
            assert count("act/act_year", first, last)[1] == _year_by_steps(first, last)


def _afb_by_steps(first, last):
    years, end = 0, last
    while add_months(last, -12 * (years + 1)) >= first:
        years += 1
        end = add_months(last, -12 * years)
    leaps = any(
        (first + timedelta(days=n)).strftime("%m%d") == "0229" for n in range((end - first).days)
    )
    return years + Fraction((end - first).days, 366 if leaps else 365)


def _year_by_steps(first, last):
    years, start = 0, first
    while last > add_months(start, 12):
        years += 1
        start = add_months(first, 12 * years)
    return years + Fraction((last - start).days, (add_months(start, 12) - start).days)


@pytest.mark.parametrize(
    ("basis", "start", "end", "own"),
    [
        ("30/360", "2026-01-31", "2026-03-31", 60),
        ("30/360", "2026-01-30", "2026-03-31", 60),
        ("30/360", "2026-02-28", "2026-03-31", 33),
        ("30e/360", "2026-02-28", "2026-03-31", 32),
        ("30e+/360", "2026-02-28", "2026-03-31", 33),
        ("30/360_psa", "2026-02-28", "2026-03-31", 30),
        ("nl/365", "2024-02-28", "2024-03-01", 1),
        ("1/1", "2024-02-28", "2025-03-01", 1),
    ],
)
def test_own_days_by_hand(basis, start, end, own):
    assert days(basis, date.fromisoformat(start), date.fromisoformat(end)) == own


def test_365a_counts_the_last_day_and_not_the_first():
    def length(start, end):
        return ratio("act/365a", date.fromisoformat(start), date.fromisoformat(end))[1]

    assert length("2024-02-28", "2024-02-29") == 366
    assert length("2024-02-29", "2024-03-31") == 365


def test_an_unknown_basis_is_named_with_those_that_exist():
    for ask in (count, ratio, days):
        with pytest.raises(UnknownBasis, match=r"'act/355' is not one of 30/360, 30e/360"):
            ask("act/355", date(2026, 1, 1), date(2026, 2, 1))
    assert "act/act_icma" not in BASES


@pytest.mark.parametrize(
    ("start", "end", "unit", "every", "fraction"),
    [
        # ICMA rule 251's short and long first coupons, semi-annual and quarterly.
        ("1999-02-01", "1999-07-01", "month", 6, Fraction(150, 181 * 2)),
        ("2002-08-15", "2003-07-15", "month", 6, Fraction(1, 2) + Fraction(153, 184 * 2)),
        ("2026-01-15", "2026-04-15", "quarter", 1, Fraction(1, 4)),
        ("2026-01-15", "2027-01-15", "year", 1, Fraction(1)),
        ("2026-01-15", "2026-01-22", "week", 1, Fraction(1, 52)),
    ],
)
def test_icma_lays_nominal_periods_back_from_the_coupon(start, end, unit, every, fraction):
    found = icma_ratio(date.fromisoformat(start), date.fromisoformat(end), unit, every)
    assert Fraction(*found) == fraction
