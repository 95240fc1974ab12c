"""The connection is lost before or after COMMIT is sent: unknown, asked again by key, done once."""

import random

import psycopg
import pytest
from django.db import Error, connection

from rongqiao.config.places import django_database
from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Key
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.queries.books import account_state
from rongqiao.platform.models import OperationRecord
from rongqiao.platform.postgres.connecting import pointed_at
from tests.faults.cutting import AFTER, BEFORE, Wire
from tests.faults.load import Load, call, open_books
from tests.money.ledger.conftest import act, transfer

SEED = 20260105


@pytest.fixture
def wire(ground):
    """A wire to the ground's server, which Django uses instead of the server's own socket."""
    laid = Wire(ground.app_url)
    with pointed_at(django_database(laid.url)):
        yield laid
        connection.close()
    laid.close()


def pay(key):
    """Move one fen by an operation; the numbers it answered."""
    return act(lambda c: post([transfer("wallet:1", "wallet:2", 1)], c), call(key))


def balance():
    return account_state("wallet:2").balance


@pytest.mark.faults(21)
def test_what_is_unknown_after_a_cut_is_done_once_when_it_is_asked_again(
    ground, wire, rounds, told, audit_books
):
    acknowledged, cuts, committed = open_books(), rounds(200, 20), 0
    for number in range(cuts):
        key, how = f"cut-{number}", (BEFORE, AFTER)[number % 2]
        before = balance()
        wire.cut = how
        with pytest.raises(Error):
            pay(key)
        connection.close()
        # The server may still be at it; asking again waits for it.
        answer = pay(key)
        assert answer == pay(key)
        assert balance() == before + Money(1)
        assert OperationRecord.objects.filter(key=key).count() == 1
        kept = Key.objects.get(key__contains=f"|{key}|")
        assert answer == (kept.answer,)
        acknowledged[kept.key] = kept.answer
        committed += how == AFTER
    assert wire.cuts == cuts

    terminated, unknown = terminate_at_random(ground, acknowledged, rounds(200, 20))
    audit_books(ground.app_url, acknowledged)
    told(
        21,
        "connection cut before and after COMMIT, and pg_terminate_backend",
        cuts + terminated,
        f"unknown {cuts + unknown}, applied once {cuts + unknown}"
        f" ({committed} had committed unheard)",
        "unknown -> retried by key -> once",
    )


def terminate_at_random(ground, acknowledged, blows):
    """Have the server end connections of busy writers; return blows and unknown answers."""
    drawn = random.Random(SEED)
    with (
        Load(8, SEED, name="terminated") as load,
        psycopg.connect(ground.server.admin_url, autocommit=True) as admin,
    ):
        struck = 0
        while struck < blows:
            load.wait_for(drawn.randint(1, 8))
            struck += admin.execute(
                """SELECT count(pg_terminate_backend(pid)) FROM (
                     SELECT pid FROM pg_stat_activity
                     WHERE usename = 'rongqiao' AND state = 'active'
                     ORDER BY random() LIMIT 1) victim"""
            ).fetchone()[0]
        load.wait_for(16)
    assert not load.surprises, load.surprises[:3]
    load.ask_again()
    acknowledged.update(load.acknowledged)
    return struck, len(load.unknown)
