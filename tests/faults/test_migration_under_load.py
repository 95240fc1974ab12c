"""The busiest tables are changed under load, and changed back: no transfer fails or waits long."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg
import pytest

from rongqiao.cli.migrate import LOCK_MILLISECONDS
from tests.faults.load import Load, open_books
from tests.faults.waiting import Waits

ROOT = Path(__file__).parents[2]
SEED = 20260105
WAIT_SECONDS = 2.0
# A report that reads for longer than a migration may wait.
REPORT_SECONDS = 2.5
COLUMNS = """SELECT count(*) FROM information_schema.columns
             WHERE table_schema = 'public' AND column_name = ANY(%s)
               AND table_name IN ('ledger_account', 'ledger_journal', 'ledger_leg')"""
WIDENED = ["later_note", "later_weight"]


def later(ground, home, *words, fails=False):
    """Run a command of the later version's; the finished process."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.faults.later.settings",
        "DATABASE_URL": ground.server.app_url,
        "DATABASE_OWNER_URL": ground.server.owner_url,
        "RONGQIAO_VAR": str(home),
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
        "PGOPTIONS": f"-c lock_timeout={LOCK_MILLISECONDS}",
        "LATER_FAILS": str(int(fails)),
    }
    if words[0] == "django":
        environment["DATABASE_URL"] = ground.server.owner_url
    return subprocess.run(
        [sys.executable, "-m", *words], env=environment, capture_output=True, text=True, check=False
    )


def migrate(ground, home, *, fails):
    done = later(ground, home, "rongqiao.cli.main", "migrate", fails=fails)
    assert done.returncode == (2 if fails else 0), (done.stdout, done.stderr)


def go_back(ground, home):
    """Undo the migrations, trying again while a table is in use, as an operator would."""
    for _ in range(30):
        done = later(ground, home, "django", "migrate", "later", "zero")
        if done.returncode == 0:
            return
        assert "lock timeout" in done.stderr, done.stderr
        time.sleep(0.5)
    raise AssertionError(done.stderr)


def has(ground, columns):
    return ground.ask(COLUMNS, columns)[0][0]


def read_long(url):
    """A report that keeps the tables from being changed while it reads."""
    with psycopg.connect(url) as reading:
        reading.execute("SELECT count(*) FROM ledger_account, pg_sleep(%s)", [REPORT_SECONDS])
        reading.execute("SELECT count(*) FROM ledger_posting")


@pytest.mark.faults(32)
def test_no_transfer_fails_while_the_tables_are_changed_and_changed_back(
    ground, rounds, told, audit_books, tmp_path
):
    acknowledged, turns = open_books(), rounds(6, 1)
    with Waits(ground.server.admin_url) as waits, Load(8, SEED, pause=0.005) as load:
        for _ in range(turns):
            report = threading.Thread(target=read_long, args=(ground.server.app_url,))
            report.start()
            load.wait_for(20)
            migrate(ground, tmp_path, fails=True)
            report.join()
            # The first of the two stays, the second left nothing behind.
            assert (has(ground, WIDENED), has(ground, ["later_half"])) == (2, 0)
            migrate(ground, tmp_path, fails=False)
            load.wait_for(20)
            go_back(ground, tmp_path)
            assert has(ground, WIDENED) == 0
            load.wait_for(20)
    assert not load.surprises, load.surprises[:3]
    acknowledged |= load.acknowledged
    audit_books(ground.app_url, acknowledged)
    waited = max(waits.longest.values(), default=0.0)
    slowest = max(answered - asked for asked, answered, _key in load.answers)
    told(
        32,
        "schema migration under load, broken off, done, and rolled back",
        3 * turns,
        f"failed {len(load.unknown)} of {len(load.acknowledged):,}; longest lock wait"
        f" {waited:.2f} s, slowest transfer {slowest:.2f} s",
        f"0 failed transfers; lock wait <= {WAIT_SECONDS:.0f} s",
    )
    assert load.unknown == {}
    assert waited <= WAIT_SECONDS
