"""kill -9 of a process between every two statements of an operation that moves money.

A child process runs the operation and kills itself before its n-th word to the database, for every
n: before each statement, before COMMIT, after COMMIT and before anybody heard of it.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import date
from itertools import count

import pytest
from django.db import connection

from rongqiao.cli.eod import catch_up
from rongqiao.cli.verify import check_all
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.loans import Loan, LoanEntry
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.money.ledger.models import Hold, Key
from rongqiao.money.ledger.operations.capture_hold import capture_hold
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.queries.books import account_state
from rongqiao.platform import audit
from rongqiao.platform.models import OperationRecord, OutboxEvent
from tests.makers.loans import Lend, lend, uuid_of
from tests.money.ledger.conftest import act, transfer

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
FIRST, DUE = date(2026, 1, 5), date(2026, 2, 6)
LASTS, PATIENCE = 1, 60.0
# The law of keys is left to the audit: `act` speaks under one name for many operations.
LAWS = "1235"


class FaultPoints:
    """Counts every word to the database; at the chosen one the process dies."""

    def __init__(self, chosen):
        self._chosen, self._seen = chosen, 0

    def here(self):
        self._seen += 1
        if self._seen == self._chosen:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute, *arguments):
        self.here()
        return execute(*arguments)


def dies_at(point, body):
    """Run `body` in a child that dies at a point; tell whether it did, or had ended before."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            die(point, body)
        finally:
            os._exit(3)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFSIGNALED(status)


def die(point, body):
    points, commit = FaultPoints(point), connection._commit

    def committed():
        points.here()
        commit()
        points.here()

    connection._commit = committed
    with connection.execute_wrapper(points):
        body()
    os._exit(0)


def broken_laws():
    return [law for law in check_all() if law.broken and law.law[0] in LAWS]


def held_of(code):
    return account_state(code).held


def assert_posted_once(name, key, events):
    """One record with an answer, one journal for its part, one event."""
    records = OperationRecord.objects.filter(name=name, key=key)
    assert [bool(record.result) for record in records] == [True]
    assert Key.objects.filter(key__contains=f"|{key}|", about="journal").count() == 1
    assert OutboxEvent.objects.count() == events


def kill_at_every_point(step, begin, check):
    """Have `begin()`'s operations die, one at each point; return how many points there are.

    `begin` makes a fresh operation and returns it as a function; after the blow nothing may be
    half-done, and the same call again, twice, must have had one effect.
    """
    for point in count(1, step):
        run = begin(point)
        died = dies_at(point, run)
        assert broken_laws() == []
        first, second = run(), run()
        assert first == second
        check(point)
        if not died:
            return point - 1
    raise AssertionError


@pytest.mark.faults(2, 3)
def test_nothing_is_half_posted_when_the_worker_is_killed_between_two_statements(
    live_db, clock, call, rounds, told, audit_books, tmp_path
):
    step = rounds(1, 7)
    points = repayments(call, step) + captures(call, step)
    late = held_money_comes_back(call, tmp_path)
    audit_books(live_db.app_url, {})
    told(
        2,
        "kill -9 of the worker between every two statements",
        points,
        f"half-posted 0; a hold freed {late:.1f} s after its end",
        "half-posted 0; holds freed <= expiry + 60 s",
    )
    told(3, "retry of all unknown after a kill of the worker", points, "once: all", "exactly once")
    assert late <= 60


def repayments(call, step):
    """Kill repayments, each of a loan of its own."""
    many = 120 // step + 2
    loans = [
        lend(Lend(principal=100_000, party=uuid_of(n), wallet=10**6), call()).loan_id
        for n in range(1, many)
    ]
    catch_up(FIRST)
    catch_up(DUE)
    waiting, told = iter(loans), {}

    def begin(point):
        loan = Loan.objects.get(pk=next(waiting))
        row = loan.instalments.get(no=1)
        due = Money(row.principal_minor + row.interest_minor + row.fee_minor)
        command = Repay(loan_id=loan.pk, party_id=loan.party_id, amount=due)
        events = OutboxEvent.objects.count()
        told[point] = loan, call(actor=f"party:{loan.party_id}", key=f"pay-{point}"), events + 1
        return lambda: repay(command, told[point][1])

    def check(point):
        loan, called, events = told[point]
        assert_posted_once("servicing.repay", called.key, events)
        assert LoanEntry.objects.filter(loan=loan, kind="repayment").count() == 1

    return kill_at_every_point(step, begin, check)


def captures(call, step):
    """Kill captures of held money: it is held or gone, never both nor neither."""
    wallet, other = f"wallet:{uuid_of(1)}", f"wallet:{uuid_of(2)}"
    keys, before = {}, {}

    def begin(point):
        called = call(key=f"capture-{point}")
        (number,) = act(lambda c: hold(wallet, Money(500), "d", c), call(key=f"hold-{point}"))
        keys[point], before[point] = called.key, (account_state(other).balance, number)
        return lambda: act(lambda c: capture_hold(number, transfer(wallet, other, 500), c), called)

    def check(point):
        balance, number = before[point]
        assert account_state(other).balance == balance + Money(500)
        assert Hold.objects.get(pk=number).state == "captured"
        assert Key.objects.filter(key__contains=f"|{keys[point]}|", about="journal").count() == 1
        assert held_of(wallet) == Money(0)

    return kill_at_every_point(step, begin, check)


def held_money_comes_back(call, home):
    """Hold money and die before it is used; return how long after its end it was free again."""
    wallet = f"wallet:{uuid_of(1)}"
    key = call(key="orphan")
    assert not dies_at(10**6, lambda: act(lambda c: hold(wallet, Money(7), "d", c, LASTS), key))
    assert held_of(wallet) == Money(7)
    environment = {**os.environ, "RONGQIAO_VAR": str(home), "RONGQIAO_AUTOMATIC_EOD": "0"}
    worker = subprocess.Popen(
        [sys.executable, "-m", "rongqiao.cli.main", "worker"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        end = time.monotonic() + LASTS + PATIENCE
        while held_of(wallet) != Money(0):
            assert worker.poll() is None, worker.returncode
            assert time.monotonic() < end
            time.sleep(0.1)
    finally:
        worker.kill()
        worker.wait()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT extract(epoch FROM clock_timestamp() - max(expires_at))::float8
               FROM ledger_hold WHERE state = 'expired'"""
        )
        late = cursor.fetchone()[0]
    audit.seal()
    return late
