"""Interest is earned by the calendar: a leap day is a day, a year's end is none.

The machine stands in zones that put their clocks forward and back within the days that are closed.
"""

import os
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection

from rongqiao.cli.eod import catch_up
from rongqiao.cli.verify import check_all
from rongqiao.config.places import django_database
from rongqiao.lending.servicing.models.loans import Instalment
from rongqiao.lending.servicing.queries.loans import get_loan
from rongqiao.platform import audit
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.postgres.connecting import pointed_at
from tests.makers.loans import Lend, lend, uuid_of

DAY = timedelta(days=1)
LEAP_DAY = date(2028, 2, 29)
# What lies within: the turn of a year, a leap day, a February without one, clocks going forward
# and back in America, Europe and on Lord Howe Island (by half an hour).
SPANS = (
    (date(2026, 12, 29), date(2027, 1, 3), "Asia/Shanghai"),
    (date(2027, 2, 26), date(2027, 3, 3), "UTC"),
    (date(2028, 2, 26), date(2028, 3, 3), "America/New_York"),
    (date(2028, 3, 10), date(2028, 3, 14), "America/New_York"),
    (date(2027, 3, 26), date(2027, 3, 30), "Europe/Berlin"),
    (date(2027, 10, 29), date(2027, 11, 2), "Europe/Berlin"),
    (date(2027, 10, 1), date(2027, 10, 5), "Australia/Lord_Howe"),
    (date(2027, 4, 2), date(2027, 4, 6), "Australia/Lord_Howe"),
    (date(2028, 12, 29), date(2029, 1, 2), "America/New_York"),
)
BASES = {"act/360": 360, "act/365f": 365, "act/365a": None}
PRINCIPAL, RATE = 12_345_678, Decimal("0.0973")


@contextmanager
def standing_in(zone):
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def half_up(exact):
    return int(exact + Fraction(1, 2))


def interest_of(row, basis):
    """Return a period's interest by its calendar days, from nothing but the contract."""
    days = (row.due_on - row.from_on).days
    year = BASES[basis] or (366 if row.from_on < LEAP_DAY <= row.due_on else 365)
    return half_up(Fraction(PRINCIPAL) * Fraction(RATE) * days / year)


def earned(row, on):
    """Return what of a row's interest is earned before `on`."""
    days = max(0, (min(on, row.due_on) - row.from_on).days)
    return half_up(Fraction(row.interest_minor * days, (row.due_on - row.from_on).days))


def lend_on(start, call):
    """Lend by each basis, some months back, so that instalments fall due within the span."""
    BusinessDate.objects.update_or_create(pk=1, defaults={"on": start})
    loans = {}
    for number, basis in enumerate(BASES):
        asked = Lend(
            principal=PRINCIPAL,
            party=uuid_of(1 + number),
            product=f"basis-{number}",
            rate=RATE,
            terms=6,
            method="interest_only",
            day_count=basis,
        )
        loans[lend(asked, replace(call(), on=start)).loan_id] = basis
    return loans


def assert_earned(loans, on):
    for loan_id, basis in loans.items():
        rows = list(Instalment.objects.filter(loan=loan_id).order_by("no"))
        assert [row.interest_minor for row in rows] == [interest_of(row, basis) for row in rows]
        expected = sum(earned(row, on) for row in rows)
        owed = get_loan(loan_id, on).card.outstanding.interest
        assert owed.minor == expected, (basis, on)


@pytest.mark.faults(19)
def test_a_day_earns_once_whatever_the_clocks_and_the_calendar_do(
    live_db, clock, call, fresh_database, rounds, told
):
    closed, days = 0, 0
    for start, end, zone in SPANS if rounds(1, 0) else SPANS[2:3]:
        database = fresh_database()
        with pointed_at(django_database(database.app_url)), standing_in(zone):
            # A month earlier, so that the first instalment falls due within the span too.
            lent_on = (start.replace(day=1) - DAY).replace(day=min(start.day + 2, 28))
            loans = lend_on(lent_on, call)
            closed += catch_up(start).days
            days += (start - lent_on).days
            for number in range((end - start).days):
                on = start + number * DAY
                assert catch_up(on + DAY).days == 1
                assert_earned(loans, on + DAY)
                closed, days = closed + 1, days + 1
            audit.seal()
            assert [law for law in check_all() if law.broken] == []
            connection.close()
    told(
        19,
        "leap day, year's end, clocks put forward and back",
        closed,
        f"{closed} days closed = {days} of the calendar; interest = oracle",
        "days = calendar; = oracle",
    )
    assert closed == days
