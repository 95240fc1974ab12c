"""One of two workers of the day's close killed while both hold a chunk: each loan once."""

import os
import random
import signal
import time
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count, Sum

from rongqiao.cli import eod
from rongqiao.config.places import django_database
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.money.ledger.queries.books import trial_balance
from rongqiao.platform.clock import business_date
from rongqiao.platform.postgres.connecting import pointed_at
from tests.conftest import clone
from tests.faults.many_loans import lend_many
from tests.faults.test_end_of_day import (
    PATIENCE,
    assert_earned_once,
    child,
    drop_clone,
    ended_well,
)

SEED = 20260203
# From before the first instalments fall due to past the days of grace.
FROM, TO = date(2026, 2, 3), date(2026, 2, 9)
# How long a stopped process's server may need to end the statement it was given.
STATEMENT = 0.03
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def close_by_two(to, chunk):
    """Close days by two processes; return both and what ends when both have ended."""
    connection.close()
    heard, told = os.pipe()
    first = os.fork()
    if first:
        os.close(told)
        return first, int(os.read(heard, 16)), heard
    status = 3
    try:
        os.close(heard)
        eod.LOANS_PER_CHUNK = chunk
        with eod.helpers(to, 1) as (second,):
            os.write(told, str(second.pid).encode())
            eod.catch_up(to)
        status = 0
    finally:
        os._exit(status)


def chunks_held():
    """Return how many chunks somebody works on at this moment."""
    to_do = EndOfDayStep.objects.filter(done_at=None)
    with transaction.atomic():
        return to_do.count() - len(to_do.select_for_update(skip_locked=True).values_list("pk"))


def stop_while_both_hold_one(pids, draw):
    """Stop both processes at a moment when each has a chunk under way."""
    end = time.monotonic() + PATIENCE
    while True:
        assert time.monotonic() < end
        time.sleep(draw.uniform(0.01, 0.06))
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        time.sleep(STATEMENT)
        if chunks_held() == len(pids):
            return
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def kill_one(to, chunk, draw, *, is_first):
    """Kill one of two workers, and have the day closed by the other or, after it, by a next run."""
    first, second, heard = close_by_two(to, chunk)
    stop_while_both_hold_one((first, second), draw)
    killed, other = (first, second) if is_first else (second, first)
    os.kill(killed, signal.SIGKILL)
    os.kill(other, signal.SIGCONT)
    assert ended_well(first) is not is_first
    assert os.read(heard, 1) == b""  # the second has ended too
    os.close(heard)
    if is_first:
        assert business_date() < to
        assert ended_well(child(to, chunk))
    assert business_date() == to


def outcome():
    """Return each loan as it stands, what was written of all, and the trial balance."""
    columns = ("principal", "interest", "penalty", "fee")
    loans = Loan.objects.order_by("number").values_list(
        "number",
        "state",
        "days_past_due",
        "risk_class",
        "period_no",
        "period_accrued_minor",
        *(f"{column}_outstanding_minor" for column in columns),
    )
    entries = LoanEntry.objects.values("kind").annotate(
        Count("id"), *(Sum(f"{column}_minor") for column in columns)
    )
    return list(loans), sorted(map(str, entries)), trial_balance()


@pytest.mark.faults(4)
def test_every_loan_is_closed_once_when_one_of_two_workers_is_killed(
    live_db, clock, call, rounds, told, audit_books
):
    many, kills = lend_many(live_db, call, rounds(20_000, 250), grace_days=2), rounds(6, 2)
    eod.catch_up(FROM)
    connection.close()
    undisturbed = clone(live_db.server, live_db.name, f"{live_db.name}_undisturbed")
    draw, days = random.Random(SEED), (TO - FROM).days // kills
    for turn in range(kills):
        to = FROM + timedelta(days=days * (turn + 1))
        kill_one(to, many // 10, draw, is_first=turn % 2 == 1)
    owed = assert_earned_once(TO, many)
    found = outcome()
    audit_books(live_db.app_url, {})
    with pointed_at(django_database(undisturbed.app_url)):
        eod.catch_up(TO)
        expected = outcome()
    drop_clone(undisturbed)
    told(
        4,
        f"kill -9 one of two workers in mid-close, {many:,} loans",
        kills,
        f"{many:,} of {many:,} once; {Money(owed).text()} = expected",
        "every loan once; as undisturbed",
    )
    assert found == expected
