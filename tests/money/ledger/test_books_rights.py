"""The books against their own application and their own owner (domain.md 3; ledger.md 4)."""

import psycopg
import pytest

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.queries import books as queries
from rongqiao.money.ledger.queries.books import BOOKS
from rongqiao.platform.postgres import rights
from tests.money.ledger.conftest import act, transfer

COLUMN = {
    "ledger_account": "balance_minor = balance_minor + 1",
    "ledger_journal": "kind = 'x'",
    "ledger_leg": "amount_minor = amount_minor + 1",
    "ledger_hold": "amount_minor = amount_minor + 1",
    "ledger_key": "answer = answer + 1",
    "ledger_part": "nr = nr + 1",
    "ledger_reversal": "journal_id = journal_id + 1",
    "ledger_horizon": "proven_id = proven_id - 1",
}


def attempts(table):
    return [
        f"INSERT INTO {table} SELECT * FROM {table}",
        f"UPDATE {table} SET {COLUMN[table]}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
        f"SELECT * FROM {table} FOR UPDATE",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TABLE {table} CASCADE",
    ]


@pytest.fixture
def some_books(live_db, books, call):
    books(a=1000, b=0)
    act(lambda c: hold("wallet:a", Money(10), "o", c), call())
    act(lambda c: open_accounts(["operator-funds"], c), call())
    (wrong,) = act(lambda c: post([transfer("wallet:a", "wallet:b", 5)], c), call())
    act(lambda c: reverse(wrong, "mistake", c), call())
    return live_db


@pytest.mark.parametrize("table", BOOKS)
def test_the_application_may_read_the_books_and_nothing_else(some_books, table):
    with psycopg.connect(some_books.app_url, autocommit=True) as app:
        assert app.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > 0
        for attempt in attempts(table):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(attempt)


def test_the_application_calls_the_writers_and_none_of_their_parts(some_books):
    with psycopg.connect(some_books.app_url, autocommit=True) as app:
        rows = app.execute(
            """SELECT proname FROM pg_proc
               WHERE proname LIKE 'ledger\\_%' AND has_function_privilege(oid, 'EXECUTE')"""
        ).fetchall()
        assert {name for (name,) in rows} == {
            "ledger_post_batch", "ledger_post_transfer", "ledger_open_accounts", "ledger_reverse",
            "ledger_hold",
            "ledger_release_hold", "ledger_capture_hold", "ledger_release_expired",
            "ledger_follow_periods", "ledger_keep_balances", "ledger_seal_books",
            "ledger_digests", "ledger_digest_head", "ledger_digest_leg",
            "ledger_distribute", "ledger_open_month", "ledger_journal_months",
            "ledger_prove_horizon", "ledger_roll_up",
        }  # fmt: skip
        for attempt in (
            "SELECT ledger_end_hold(1, 'captured', now())",
            "CREATE TABLE public.mine (x int)",
            "CREATE TEMP TABLE mine (x int)",
            "CREATE SCHEMA mine",
            "SELECT setval('ledger_journal_id_seq', 1)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(attempt)


def test_a_table_or_function_of_the_caller_is_not_taken_for_the_books(some_books):
    """The writers run as the owner: what the caller's search path says must not reach them."""
    with psycopg.connect(some_books.app_url, autocommit=True) as app:
        app.execute("SET search_path = pg_temp, public")
        app.execute(
            """SELECT ledger_post_batch('{k}', '{t}', '{d}', '{2026-01-05}', '{1,1}',
                 '{wallet:a,wallet:b}', '{-1,1}', '{CNY,CNY}', 'x', now())"""
        )
        settings = app.execute(
            """SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
               AND NOT coalesce(proconfig::text LIKE
                                '%search_path=pg_catalog, public, pg_temp%', false)"""
        ).fetchall()
        assert settings == []


@pytest.mark.parametrize("table", BOOKS)
def test_triggers_stop_the_owner_of_the_tables_too(some_books, table):
    with psycopg.connect(some_books.owner_url, autocommit=True) as owner:
        doomed = [f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"]
        if table != "ledger_account":
            doomed.append(f"UPDATE {table} SET {COLUMN[table]}")
        for attempt in doomed:
            with pytest.raises(psycopg.DatabaseError) as caught:
                owner.execute(attempt)
            assert caught.value.sqlstate == "RQ001"
        with pytest.raises(psycopg.DatabaseError, match="append-only"):
            owner.execute("UPDATE ledger_account SET floor_minor = -1")


@pytest.mark.parametrize(
    "legs",
    [
        "(9, 1, 1, -5, 'CNY'), (9, 2, 2, 4, 'CNY')",
        "(9, 1, 1, -5, 'CNY'), (9, 2, 2, 5, 'USD')",
        "(9, 1, 1, -5, 'CNY'), (9, 3, 2, 5, 'CNY')",
        "(9, 3, 1, -5, 'CNY'), (9, 4, 2, 5, 'CNY')",
        "(9, 1, 1, 0, 'CNY')",
        "(9, 1, 1, -5, 'CNY'), (9, 2, 2, 5, 'CNY'), (8, 1, 1, 1, 'CNY')",
    ],
)
@pytest.mark.parametrize("table", ["ledger_leg", "ledger_leg_default"])
def test_the_balance_proof_stops_the_owner_of_the_tables_too(some_books, table, legs):
    with psycopg.connect(some_books.owner_url, autocommit=True) as owner:
        with pytest.raises(psycopg.DatabaseError) as caught:
            owner.execute(
                f"""INSERT INTO {table}
                      (journal_id, leg, account_id, amount_minor, currency, value_on)
                    SELECT given.*, date '2026-01-05' FROM (VALUES {legs}) AS given"""
            )
        assert caught.value.sqlstate == "RQ105"


@pytest.mark.parametrize(
    ("harm", "check"),
    [
        ("UPDATE ledger_leg SET amount_minor = amount_minor + 1 WHERE leg = 1",
         queries.check_journals),
        ("DELETE FROM ledger_leg WHERE leg = 2", queries.check_journals),
        ("UPDATE ledger_journal SET source_id = 99 WHERE source_id <> 0",
         queries.check_journals),
        ("UPDATE ledger_journal SET amount_minor = amount_minor + 1 WHERE source_id <> 0",
         queries.check_balances),
        ("UPDATE ledger_journal SET currency = 'USD' WHERE source_id <> 0",
         queries.check_journals),
        ("DELETE FROM ledger_journal", queries.check_journals),
        ("UPDATE ledger_leg SET currency = 'USD'", queries.check_journals),
        ("UPDATE ledger_account SET balance_minor = balance_minor + 1 WHERE code = 'wallet:a'",
         queries.check_balances),
        ("UPDATE ledger_account SET balance_minor = balance_minor + 1 WHERE mode = 'rolled'",
         queries.check_balances),
        ("UPDATE ledger_account SET rolled_to = 9 WHERE mode = 'rolled'", queries.check_balances),
        ("UPDATE ledger_part SET balance_minor = 1 WHERE nr = 3", queries.check_balances),
        ("DELETE FROM ledger_part WHERE nr = 3", queries.check_balances),
        ("DELETE FROM ledger_reversal", queries.check_journals),
        ("UPDATE ledger_leg SET value_on = '2026-01-06'", queries.check_journals),
        ("UPDATE ledger_account SET held_minor = held_minor + 1 WHERE code = 'wallet:a'",
         queries.check_floors),
        ("UPDATE ledger_hold SET state = 'released'", queries.check_floors),
        ("UPDATE ledger_account SET floor_minor = -7 WHERE code = 'wallet:a'",
         queries.check_floors),
        ("DELETE FROM ledger_key WHERE about = 'journal'", queries.check_keys),
        ("UPDATE ledger_key SET answer = answer + 99", queries.check_keys),
        ("INSERT INTO ledger_key SELECT key || 'x', request_hash, about, answer FROM ledger_key",
         queries.check_keys),
        ("DELETE FROM platform_operationrecord", queries.check_keys),
    ],
)  # fmt: skip
def test_what_a_superuser_breaks_is_found_and_named(some_books, harm, check):
    assert check().broken == 0
    admin_url = some_books.server.admin_url.replace("/rongqiao?", f"/{some_books.name}?")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute(harm)
    found = check()
    assert found.broken > 0
    assert found.examples


def test_rights_tell_which_books_a_role_could_write(some_books):
    with psycopg.connect(some_books.owner_url, autocommit=True) as owner:
        assert rights.writable_by(owner, "rongqiao", list(BOOKS)) == []
        assert rights.writable_by(owner, "rongqiao_owner", list(BOOKS)) == sorted(BOOKS)
        owner.execute("GRANT UPDATE (held_minor) ON ledger_account TO rongqiao")
        owner.execute("GRANT TRUNCATE ON ledger_key TO rongqiao")
        assert rights.writable_by(owner, "rongqiao", list(BOOKS)) == [
            "ledger_account", "ledger_key",
        ]  # fmt: skip
