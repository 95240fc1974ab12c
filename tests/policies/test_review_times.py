"""A case is due at the closing hour of the n-th business day after it came."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongqiao.finance.calendars.business_days import WEEKENDS_ONLY, china
from rongqiao.policies.credit.review_times import STAGES, NoReviewTimes, due_at, times_on

CHINA = ZoneInfo("Asia/Shanghai")
TIMES = times_on(date(2026, 1, 5))


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("came", "stage", "due"),
    [
        # A Monday morning, a Friday evening, a Saturday, and before a week of holidays.
        ("2026-01-05T09:00", "referred", "2026-01-06T18:00"),
        ("2026-01-09T19:30", "recommended", "2026-01-12T18:00"),
        ("2026-01-10T10:00", "referred", "2026-01-13T18:00"),
        ("2026-01-05T09:00", "asked", "2026-01-07T18:00"),
        ("2026-09-30T09:00", "referred", "2026-10-08T18:00"),
    ],
)
def test_golden_cases(came, stage, due):
    assert due_at(at(came).astimezone(UTC), stage, TIMES, china()) == at(due)


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1)),
    st.sampled_from(STAGES),
    st.timedeltas(timedelta(), timedelta(days=20)),
)
def test_what_comes_later_is_due_no_earlier_and_always_in_the_future(came, stage, later):
    first = came.replace(tzinfo=UTC)
    one = due_at(first, stage, TIMES, WEEKENDS_ONLY)
    assert one > first
    assert one.astimezone(CHINA).weekday() < 5
    assert due_at(first + later, stage, TIMES, WEEKENDS_ONLY) >= one


def test_there_is_a_first_version():
    with pytest.raises(NoReviewTimes):
        times_on(date(2019, 12, 31))
    with pytest.raises(KeyError):
        TIMES.days_of("elsewhere")
