"""Real threads on real commits: lock order, holds that race, one winner (ledger.md, 11 14 15)."""

import itertools
import random
import threading
import time
from dataclasses import replace

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.capture_hold import capture_hold
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.queries import books as queries
from rongqiao.platform.operations import RETRYABLE
from tests.money.ledger.conftest import act, transfer
from tests.money.ledger.threads import at_once, deadlocks, laws_hold

THREADS = 16


def test_crossing_transfers_and_circles_of_three_never_deadlock(live_db, books, call):
    books(a=10_000, b=10_000, c=10_000, d=0)
    routes = ["ab", "ba", "bc", "cb", "ca", "ac", "abc", "cba"] * 2
    asked = call()

    def go_round(worker, route):
        source = random.Random(worker)
        for step in range(25):
            stops = [*route, route[0]] if len(route) == 3 else list(route)
            batch = [
                transfer(f"wallet:{one}", f"wallet:{other}", source.randint(1, 9))
                for one, other in itertools.pairwise(stops)
            ]
            key = f"w{worker}-{step}"
            act(lambda c, b=batch: post(b, c), replace(asked, key=key))

    def go(worker, route):
        return lambda: go_round(worker, route)

    at_once(*[go(worker, route) for worker, route in enumerate(routes)])
    assert deadlocks() == 0
    assert sum(queries.balance(f"wallet:{name}").minor for name in "abc") == 30_000
    laws_hold()


def test_of_six_holds_of_a_thousand_on_five_thousand_five_are_accepted(live_db, books, call):
    books(a=5000)
    calls = [call() for _ in range(32)]
    answers = at_once(
        *[
            (lambda c=one: act(lambda c: hold("wallet:a", Money(1000), "bid", c), c))
            for one in calls
        ]
    )
    assert answers.count("ledger.insufficient-funds") == 27
    assert queries.available("wallet:a") == Money(0)
    laws_hold()


def test_of_two_captures_and_a_release_of_one_hold_one_wins(live_db, books, call):
    books(a=1000, b=0)
    journal = transfer("wallet:a", "wallet:b", 100)

    def ends_of(number):
        def capture(call):
            return lambda: act(lambda c: capture_hold(number, journal, c), call)

        def release(call):
            return lambda: act(lambda c: release_hold(number, c), call)

        return at_once(capture(call()), capture(call()), release(call()))

    for _ in range(5):
        (number,) = act(lambda c: hold("wallet:a", Money(100), "bid", c), call())
        assert ends_of(number).count("ledger.hold-ended") == 2
    assert queries.account_state("wallet:a").held == Money(0)
    laws_hold()


def test_the_whole_balance_is_spent_once_by_sixteen_at_once(live_db, books, call):
    books(a=1000, b=0)
    calls = [call() for _ in range(THREADS)]
    answers = at_once(
        *[
            (lambda c=one: act(lambda c: post([transfer("wallet:a", "wallet:b", 1000)], c), c))
            for one in calls
        ]
    )
    assert answers.count("ledger.insufficient-funds") == THREADS - 1
    assert queries.balance("wallet:b") == Money(1000)
    laws_hold()


def test_money_that_arrives_while_it_is_looked_for_is_found(live_db, books, call):
    books(a=100, z=0)
    calls, has_posted = [call(), call()], threading.Event()

    def pay_in(call):
        post([transfer("wallet:a", "wallet:z", 100)], call)
        has_posted.set()
        wait_for_a_waiter()

    def give_on():
        assert has_posted.wait(30)
        return act(lambda c: post([transfer("wallet:z", "wallet:a", 100)], c), calls[1])

    answers = at_once(lambda: act(pay_in, calls[0]), give_on)
    assert all(isinstance(numbers, tuple) for numbers in answers), answers
    assert queries.balance("wallet:a") == Money(100)
    laws_hold()


def wait_for_a_waiter():
    """Wait until another session waits for a row that this one has locked."""
    end = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(
                """SELECT count(*) FROM pg_locks
                   WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"""
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nobody waits")


def test_one_request_sent_sixteen_times_at_once_posts_once_and_answers_alike(live_db, books, call):
    books(a=1000, b=0)
    asked = call(key="the-same")
    answers = at_once(
        *[
            lambda: act(lambda c: post([transfer("wallet:a", "wallet:b", 7)], c), asked)
            for _ in range(THREADS)
        ]
    )
    assert len(set(answers)) == 1
    assert queries.balance("wallet:b") == Money(7)
    laws_hold()


def test_a_journal_reversed_by_eight_at_once_is_reversed_once(live_db, books, call):
    books(a=1000, b=0)
    (number,) = act(lambda c: post([transfer("wallet:a", "wallet:b", 7)], c), call())
    calls = [call() for _ in range(8)]
    answers = at_once(
        *[(lambda c=one: act(lambda c: reverse(number, "mistake", c), c)) for one in calls]
    )
    assert answers.count("ledger.already-reversed") == 7
    assert queries.balance("wallet:a") == Money(1000)
    laws_hold()


def test_a_deadlock_is_something_the_operation_tries_again():
    assert "40P01" in RETRYABLE
