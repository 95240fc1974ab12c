"""Business days of mainland China and the ways to move a date to one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.calendars.business_days import WEEKENDS_ONLY, calendar_of, china, china_rows

DAYS = st.dates(min_value=date(2003, 1, 1), max_value=date(2029, 12, 31))


@pytest.mark.parametrize(
    ("on", "works"),
    [
        ("2005-12-31", True),  # A Saturday worked for the New Year of 2006.
        ("2008-02-06", False),  # New Year's Eve, a day off since 2008.
        ("2015-09-03", False),  # The parade of 2015.
        ("2020-01-31", False),  # The holiday prolonged in the epidemic.
        ("2025-01-26", True),
        ("2025-10-08", False),
        ("2026-01-01", False),
        ("2026-01-02", False),
        ("2026-01-04", True),  # A Sunday.
        ("2026-02-14", True),
        ("2026-02-15", False),
        ("2026-02-23", False),
        ("2026-02-24", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2027-02-08", False),
        ("2027-10-01", False),
    ],
)
def test_china_works_and_rests_as_its_notices_say(on, works):
    assert china().is_business_day(date.fromisoformat(on)) is works


def test_every_exchange_day_is_on_a_weekend_and_no_day_is_both():
    days = china()
    assert all(on.weekday() >= 5 for on in days.make_up_workdays)
    assert not days.make_up_workdays & days.holidays


def test_every_year_since_2008_has_its_seven_festivals():
    for year in range(2008, 2028):
        off = {on for on in china().holidays if on.year == year}
        for fixed in (date(year, 1, 1), date(year, 5, 1), date(year, 10, 1)):
            assert fixed in off
        assert len(off) >= 17


@pytest.mark.parametrize(
    ("convention", "moved"),
    [
        ("none", "2026-10-01"),
        ("following", "2026-10-08"),
        ("modified_following", "2026-10-08"),
        ("preceding", "2026-09-30"),
    ],
)
def test_national_day_moves_as_the_convention_says(convention, moved):
    assert china().adjust(date(2026, 10, 1), convention) == date.fromisoformat(moved)


def test_modified_following_never_leaves_the_month():
    assert china().adjust(date(2026, 5, 31), "following") == date(2026, 6, 1)
    assert china().adjust(date(2026, 5, 31), "modified_following") == date(2026, 5, 29)


def test_an_unknown_convention_is_refused():
    with pytest.raises(KeyError):
        china().adjust(date(2026, 5, 31), "nearest")


def test_a_later_row_corrects_an_earlier_one():
    saturday = date(2027, 2, 20)
    amended = calendar_of([*china_rows(), (saturday, True)])
    assert amended.is_business_day(saturday)
    assert not china().is_business_day(saturday)
    assert not calendar_of([(saturday, True), (saturday, False)]).is_business_day(saturday)


@given(DAYS, st.sampled_from(["following", "modified_following", "preceding"]))
def test_a_moved_date_is_a_business_day_with_none_between(on, convention):
    moved = china().adjust(on, convention)
    assert china().is_business_day(moved)
    assert moved == on or not china().is_business_day(on)
    low, high = sorted((on, moved))
    between = [low + timedelta(days=n) for n in range(1, (high - low).days)]
    assert not any(china().is_business_day(day) for day in between)
    if convention == "modified_following":
        assert moved.month == on.month


@given(DAYS)
def test_without_rows_only_weekends_are_off(on):
    assert WEEKENDS_ONLY.is_business_day(on) is (on.weekday() < 5)
