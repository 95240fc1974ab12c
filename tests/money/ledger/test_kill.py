"""kill -9 of every PostgreSQL process under writers: nothing acknowledged is lost."""

import os
import signal
import threading
import time

import psycopg
import pytest

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.config.places import django_database
from rongqiao.platform.postgres import launcher, processes
from rongqiao.platform.postgres.connecting import pointed_at

WRITERS = 8
ROUNDS = 3
SOUND = """SELECT (SELECT sum(balance_minor) FROM ledger_account),
  (SELECT count(*) FROM ledger_account a WHERE balance_minor <>
    coalesce((SELECT sum(amount_minor) FROM ledger_posting p WHERE p.account_id = a.id), 0)),
  (SELECT count(*) FROM (SELECT FROM ledger_posting GROUP BY journal_id
                         HAVING sum(amount_minor) <> 0 OR count(*) <> 2) x),
  (SELECT count(*) FROM ledger_journal) - (SELECT count(*) FROM ledger_key)"""


def write_until_killed(url, writer, round_, acknowledged, stop):
    number = 0
    try:
        with psycopg.connect(url, autocommit=True) as app:
            while not stop.is_set():
                key = f"{round_}-{writer}-{number}"
                app.execute(
                    """SELECT ledger_post_batch(ARRAY[%s], '{t}', '{d}', '{2026-01-05}', '{1,1}',
                         ARRAY[%s, %s], '{-1,1}', '{CNY,CNY}', 'x', now())""",
                    [key, f"wallet:{number % 5}", f"wallet:{number % 5 + 1}"],
                )
                acknowledged.append(key)
                number += 1
    except psycopg.OperationalError:
        return


def kill_all(server):
    os.kill(server.pid, signal.SIGSTOP)
    for pid in [*processes.orphans(server.directory / "data")]:
        processes.end(pid, signal.SIGKILL)


@pytest.mark.faults
def test_nothing_acknowledged_is_lost_or_doubled_when_postgresql_is_killed(
    tmp_path, django_db_blocker
):
    server = launcher.start(tmp_path / "pg", durable=True, shared_buffers="32MB")
    try:
        with django_db_blocker.unblock(), pointed_at(django_database(server.app_url)):
            bring_up_to_date(server.owner_url, server.app_url)
        with psycopg.connect(server.owner_url, autocommit=True) as owner:
            owner.execute(
                """SELECT ledger_open_accounts(array_agg('wallet:' || n),
                     array_agg('liability'::text), array_agg('CNY'::text),
                     array_agg(-1000000000::bigint), array_agg(false), now())
                   FROM generate_series(0, 5) n"""
            )
        acknowledged = []
        for round_ in range(ROUNDS):
            stop = threading.Event()
            threads = [
                threading.Thread(
                    target=write_until_killed,
                    args=(server.app_url, writer, round_, acknowledged, stop),
                )
                for writer in range(WRITERS)
            ]
            for thread in threads:
                thread.start()
            time.sleep(0.7)
            kill_all(server)
            stop.set()
            for thread in threads:
                thread.join(30)
            down = time.monotonic()
            server = launcher.start(tmp_path / "pg", durable=True, shared_buffers="32MB")
            assert time.monotonic() - down < 30
        with psycopg.connect(server.app_url, autocommit=True) as app:
            kept = [key for (key,) in app.execute("SELECT key FROM ledger_key")]
            assert app.execute(SOUND).fetchone() == (0, 0, 0, 0)
        assert len(acknowledged) > ROUNDS * WRITERS
        assert set(acknowledged) - set(kept) == set()
        assert len(kept) == len(set(kept))
        # At most one answer per writer and round was on its way when the server died.
        assert len(kept) - len(acknowledged) <= ROUNDS * WRITERS
    finally:
        server.stop()
