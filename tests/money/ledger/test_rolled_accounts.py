"""Accounts whose balance is brought up to date later: right at every commit all the same."""

import threading
from dataclasses import replace

import psycopg
import pytest
from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Account, Horizon, Journal
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.operations.upkeep.roll_up import roll_up
from rongqiao.money.ledger.queries import books as queries
from rongqiao.platform.refusals import Refusal
from tests.money.ledger.conftest import act, transfer
from tests.money.ledger.threads import at_once, laws_hold

WRITERS, STEPS = 8, 20


def on_the_row():
    row = Account.objects.get(code="custodian-cash")
    return row.balance_minor, row.rolled_to


def top_up(call, minor=1):
    return act(lambda c: post([transfer("custodian-cash", "wallet:a", minor)], c), call())[0]


def rolled_up_to(number):
    """Roll up three times: one observes, one proves, one adds up."""
    for _ in range(3):
        roll_up()
    return Horizon.objects.get().proven_id == number


def test_posting_leaves_the_row_alone_and_the_balance_is_right(live_db, books, call):
    books(a=0)
    for minor in (5, 7):
        number = top_up(call, minor)
        assert queries.balance("custodian-cash") == Money(-12 if minor == 7 else -5)
    assert on_the_row() == (0, 0)
    assert rolled_up_to(number)
    assert on_the_row() == (-12, number)
    assert queries.balance("custodian-cash") == Money(-12)
    assert roll_up() == 0
    laws_hold()


def test_nothing_is_rolled_up_past_a_posting_that_may_still_come(live_db, books, call):
    books(a=0)
    top_up(call)
    with psycopg.connect(live_db.app_url) as slow:
        (late,) = slow.execute(
            """SELECT (ledger_post_batch('{slow}', '{t}', '{d}', '{2026-01-05}', '{1,1}',
                 '{custodian-cash,wallet:a}', '{-3,3}', '{CNY,CNY}', 'x', now()))[1]"""
        ).fetchone()
        # Whoever posts to the same wallet waits for it; others do not.
        act(lambda c: post([transfer("custodian-cash", "suspense", 9)], c), call())
        for _ in range(10):
            roll_up()
        assert Horizon.objects.get().proven_id < late
        assert queries.balance("custodian-cash") == Money(-10)
        slow.commit()
    assert queries.balance("custodian-cash") == Money(-13)
    assert rolled_up_to(Journal.objects.latest("id").pk)
    assert queries.balance("custodian-cash") == Money(-13)
    assert queries.check_balances().broken == 0


def test_a_transaction_that_was_broken_off_does_not_hold_the_horizon_up(live_db, books, call):
    books(a=0)
    with psycopg.connect(live_db.app_url) as broken:
        broken.execute(
            """SELECT ledger_post_batch('{broken}', '{t}', '{d}', '{2026-01-05}', '{1,1}',
                 '{custodian-cash,wallet:a}', '{-3,3}', '{CNY,CNY}', 'x', now())"""
        )
        broken.rollback()
    number = top_up(call)
    assert rolled_up_to(number)
    assert on_the_row() == (-1, number)


def test_a_transaction_of_another_database_does_not_hold_the_horizon_up(live_db, books, call):
    books(a=0)
    with psycopg.connect(live_db.server.admin_url) as elsewhere:
        elsewhere.execute("SELECT pg_current_xact_id()")
        number = top_up(call)
        for _ in range(3):
            roll_up()
        assert Horizon.objects.get().proven_id == number
    laws_hold()


def test_one_who_has_written_already_proves_nothing_new_by_itself(live_db, books, call):
    books(a=0)
    number = top_up(call)
    with psycopg.connect(live_db.app_url) as writing:
        writing.execute("SELECT pg_current_xact_id()")
        for _ in range(4):
            writing.execute("SELECT ledger_roll_up()")
        assert Horizon.objects.get().observed_id < number
    assert rolled_up_to(number)


def write(writer, asked):
    """Top up and pay back in turn; every fifth journal is reversed."""
    for step in range(STEPS):
        pair = [f"wallet:w{writer}", "custodian-cash"]
        journal = transfer(*(pair if step % 2 else pair[::-1]), step + 1)
        key = replace(asked, key=f"w{writer}-{step}")
        numbers = act(lambda c, j=journal: post([j], c), key)
        if step % 5 == 0:
            act(lambda c, n=numbers[0]: reverse(n, "r", c), replace(key, key=f"{key.key}-r"))


def test_the_law_holds_at_every_commit_while_writers_write_and_others_roll_up(live_db, books, call):
    books(**{f"w{writer}": 1_000 for writer in range(WRITERS)})
    asked, busy, seen = call(), threading.Event(), []

    def write_all():
        at_once(*[lambda w=writer: write(w, asked) for writer in range(WRITERS)])
        busy.set()

    def roll():
        while not busy.is_set():
            roll_up()

    def watch():
        while not busy.is_set():
            found = queries.check_balances()
            seen.append(found)
            assert found.broken == 0, found

    at_once(write_all, roll, roll, watch, watch)
    assert len(seen) > 1
    assert rolled_up_to(Journal.objects.latest("id").pk)
    assert on_the_row()[0] == queries.balance("custodian-cash").minor
    laws_hold()


@pytest.mark.django_db
def test_nothing_is_held_on_a_rolled_account(books, call):
    books(a=10)
    with pytest.raises(Refusal) as caught:
        act(lambda c: hold("custodian-cash", Money(1), "o", c), call())
    assert (caught.value.code, caught.value.facts) == (
        "ledger.never-held", {"account": "custodian-cash"},
    )  # fmt: skip


@pytest.mark.django_db
def test_statements_and_the_trial_balance_tell_what_was_not_rolled_up_yet(books, call):
    books(a=0)
    top_up(call, 5)
    top_up(call, 7)
    assert [line.balance.minor for line in queries.statement("custodian-cash")] == [-12, -5]
    assert queries.trial_balance()[0].debit == Money(12)


@pytest.mark.django_db
@pytest.mark.parametrize(("mode", "floor"), [("rolled", 0), ("split", -1), ("whole", 0)])
def test_no_account_is_opened_that_could_not_keep_its_floor(db, mode, floor):
    with connection.cursor() as cursor, pytest.raises(Exception, match="no such floor"):
        cursor.execute(
            "SELECT ledger_open_accounts('{x}', '{asset}', '{CNY}', ARRAY[%s::bigint], '{true}',"
            " now(), ARRAY[%s])",
            [floor, mode],
        )
