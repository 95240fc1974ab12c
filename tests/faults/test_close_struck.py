"""kill -9 of workers and of PostgreSQL at random points of the close: each loan once."""

import os
import random
import select
import signal
import time
from collections import Counter
from datetime import date
from itertools import count
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Count, Sum

from rongqiao.cli import eod
from rongqiao.config.places import django_database
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, PortfolioDay
from rongqiao.lending.servicing.models.loans import BUCKETS, LoanEntry
from rongqiao.lending.servicing.queries.closing_days import count_parked
from rongqiao.lending.servicing.queries.loans import find_loans
from rongqiao.money.ledger.queries.books import trial_balance
from rongqiao.platform.clock import business_date, now
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call
from rongqiao.platform.postgres.connecting import pointed_at
from tests.conftest import FIRST_DAY, clone
from tests.faults.many_loans import lend_many
from tests.faults.test_end_of_day import (
    PATIENCE,
    assert_earned_once,
    fingerprints,
    steps_done,
    wait_for_steps,
)

SEED = 20260130
# A month's end, the first instalments falling due, and the first days past the days of grace.
FROM, TO = date(2026, 1, 30), date(2026, 2, 9)
DAYS, STEPS, CHUNKS = (TO - FROM).days, 4, 10
COMMANDS, WORKERS = 2, 2
VICTIMS = ("postgres", "helper", "first", "everything")
STRIKES = {"postgres": 7, "helper": 5, "first": 5, "everything": 3}
# How long a lock may outlive the process that held it.
FREE_AGAIN = 5.0
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


class Command:
    """`rongqiao eod --workers` under way, in a session of its own."""

    def __init__(self, chunk):
        connection.close()
        self._heard, told = os.pipe()
        self.pid, self.status, self.is_struck = os.fork(), None, False
        if self.pid:
            os.close(told)
            return
        status = 3
        try:
            os.setsid()
            eod.LOANS_PER_CHUNK = chunk
            eod.command(to=TO.isoformat(), workers=WORKERS, as_json=True)
            status = 0
        finally:
            os._exit(status)

    def is_running(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return self.status is None

    def helpers(self):
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def strike(self, victim):
        self.is_struck = True
        if victim == "everything":
            os.killpg(self.pid, signal.SIGKILL)
        else:
            os.kill(self.pid, signal.SIGKILL)

    def end(self):
        """Wait until every process of it has ended; return whether the first ended well."""
        ready, _, _ = select.select([self._heard], [], [], PATIENCE)
        assert ready, "a process of it still runs"
        os.close(self._heard)
        while self.is_running():
            time.sleep(0.005)
        return self.status == 0


class Close:
    """Commands that close the days together, and what is done to them."""

    def __init__(self, ground, chunk):
        self.ground, self.chunk = ground, chunk
        self.running, self.struck, self.slowest_free = [], Counter(), 0.0

    def keep_running(self):
        """Start commands until there are enough; one that nobody struck must not have fallen."""
        for one in [one for one in self.running if not one.is_running()]:
            self.running.remove(one)
            assert one.end() or one.is_struck
        while len(self.running) < COMMANDS:
            self.running.append(Command(self.chunk))

    def strike(self, victim, draw):
        self.struck[victim] += 1
        if victim == "postgres":
            self._kill_database()
        elif victim == "everything":
            for one in self.running:
                one.strike(victim)
            self._wait_until_free()
        elif victim == "first":
            draw.choice(self.running).strike(victim)
        else:
            self._kill_helper(draw)

    def _kill_database(self):
        self.ground.kill()
        connection.close()
        for one in self.running:
            one.is_struck = True
            assert not one.end()
        self.running.clear()
        self.ground.restart()

    def _kill_helper(self, draw):
        """Kill one that helps; its command goes on without it."""
        end = time.monotonic() + PATIENCE
        while not (pids := [pid for one in self.running for pid in one.helpers()]):
            assert time.monotonic() < end
        os.kill(draw.choice(pids), signal.SIGKILL)

    def _wait_until_free(self):
        for one in self.running:
            one.end()
        self.running.clear()
        begun = time.monotonic()
        while locked():
            assert time.monotonic() - begun < FREE_AGAIN, locked()
            time.sleep(0.01)
        self.slowest_free = max(self.slowest_free, time.monotonic() - begun)

    def finish(self):
        self.keep_running()
        assert [one.end() for one in self.running] == [True] * COMMANDS
        self.running.clear()


def locked():
    """Return what others hold or wait for in this database, rows and relations alike."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.locktype, l.mode, coalesce(l.relation::regclass::text, ''), a.state
               FROM pg_locks l JOIN pg_stat_activity a USING (pid)
               WHERE a.datname = current_database() AND a.usename = current_user
                 AND l.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
               UNION ALL SELECT 'prepared', gid, '', '' FROM pg_prepared_xacts"""
        )
        return cursor.fetchall()


def lockable(many):
    """Tell whether every loan can be locked at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM (SELECT id FROM servicing_loan FOR UPDATE NOWAIT) l")
        return cursor.fetchone() == (many,)


def outcome(many):
    """Return each loan as it stands, what was written by day, the portfolio, the trial balance."""
    cards = find_loans(TO, limit=many)
    loans = sorted(
        (card.number, card.state, card.days_past_due, card.risk_class, card.outstanding.total.minor)
        for card in cards
    )
    sums = [Sum(f"{bucket}_minor") for bucket in BUCKETS]
    entries = LoanEntry.objects.values_list("kind", "on").annotate(Count("id"), *sums)
    portfolio = PortfolioDay.objects.values_list(
        "on", "product_code", "risk_class", "loans", "principal_minor", "interest_minor"
    )
    return loans, sorted(entries), sorted(portfolio), trial_balance()


@pytest.mark.faults(4)
def test_the_close_struck_at_random_points_ends_as_if_nothing_had_happened(
    ground, call_on_ground, rounds, told, audit_books
):
    draw, counts = random.Random(SEED), rounds(STRIKES, dict.fromkeys(VICTIMS, 1))
    many = lend_many(ground.server, call_on_ground, rounds(10_000, 300), grace_days=2)
    eod.catch_up(FROM)
    connection.close()
    name = connection.settings_dict["NAME"]
    undisturbed = clone(ground.server, name, f"{name}_undisturbed")
    begun = steps_done()
    victims = [victim for victim in VICTIMS for _ in range(counts[victim])]
    draw.shuffle(victims)
    points = sorted(draw.sample(range(1, DAYS * STEPS * CHUNKS * 9 // 10), len(victims)))
    close = Close(ground, many // CHUNKS)
    for at, victim in zip(points, victims, strict=True):
        close.keep_running()
        wait_for_steps(begun + at)
        time.sleep(draw.uniform(0, 0.05))
        assert business_date() < TO
        close.strike(victim, draw)
    close.finish()
    assert business_date() == TO
    assert (locked(), lockable(many), count_parked()) == ([], True, 0)
    assert not EndOfDayStep.objects.filter(booked_at=None).exists()
    owed, found = assert_earned_once(TO, many), outcome(many)
    before = fingerprints()
    assert Command(close.chunk).end()
    changed = [table for table, rows in fingerprints().items() if rows != before[table]]
    audit_books(ground.app_url, {})
    with pointed_at(django_database(undisturbed.app_url)):
        eod.catch_up(TO)
        expected = outcome(many)
        connection.close()
    strikes = ", ".join(f"{count} {victim}" for victim, count in sorted(close.struck.items()))
    told(
        4,
        f"kill -9 in mid-close: {strikes}; {COMMANDS} commands x {WORKERS} workers",
        sum(close.struck.values()),
        f"{many:,} loans once; {Money(owed).text()} = undisturbed; locks left 0"
        f" (free after {close.slowest_free:.2f} s); again: {len(changed)} rows",
        "every loan once; as undisturbed; no lock; again 0 rows",
    )
    assert found == expected
    assert changed == []


@pytest.fixture
def call_on_ground(ground):
    """Calls on a server of the test's own, where the first business date is open."""
    BusinessDate.objects.update_or_create(pk=1, defaults={"on": FIRST_DAY})
    numbers = count(1)

    def make(actor="system:test", key=None):
        key = key or f"test-{next(numbers)}"
        return Call(actor=actor, key=key, at=now(), on=business_date())

    return make
