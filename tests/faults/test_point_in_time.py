"""A backup under load, the machine lost, and the restore to a moment in the middle of the load."""

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta

import psycopg
import pytest

from rongqiao.platform.postgres import launcher
from tests.faults.load import Load, open_books, operate

SEED = 20260105
# So that the lost machine's own log can say which commit was when.
SETTINGS = "track_commit_timestamp = on\n"
RPO, DRILL = timedelta(seconds=60), 15 * 60


def run(var, *words):
    environment = {**os.environ, "RONGQIAO_VAR": str(var)}
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "rongqiao.cli.main", *map(str, words), "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return json.loads(done.stdout)


class Drill:
    """A restore into a folder of its own, and what came back."""

    def __init__(self, var, kept, keys, *at):
        var.mkdir()
        shutil.copy(keys, var / "keys.json")
        self.told = run(var, "restore", kept, *at)
        assert self.told["held"], self.told
        self.server = launcher.start(var / "postgres", shared_buffers="32MB")

    def ask(self, question, *values):
        with psycopg.connect(self.server.admin_url) as admin:
            return admin.execute(question, values).fetchall()


LEGS = """SELECT p.journal_id, p.leg, a.code, p.amount_minor FROM ledger_posting p
          JOIN ledger_account a ON a.id = p.account_id ORDER BY 1, 2"""
# What the lost machine had committed by a moment: the log, replayed by its own clock.
LOG = """SELECT p.journal_id, p.leg, a.code, p.amount_minor FROM ledger_posting p
         JOIN ledger_journal j ON j.id = p.journal_id
         JOIN ledger_account a ON a.id = p.account_id
         WHERE pg_xact_commit_timestamp(j.xmin) <= %s ORDER BY 1, 2"""


@pytest.mark.faults(27)
def test_a_restore_to_a_moment_is_the_replay_of_the_log_up_to_that_commit(
    make_ground, tmp_path, rounds, told, audit_books
):
    ground = make_ground(SETTINGS)
    kept, keys = tmp_path / "kept", ground.home.parent / "keys.json"
    with ground.in_use():
        acknowledged = open_books(operate)
        with Load(8, SEED, by=operate, pause=rounds(50, 0) / 1000) as load:
            load.wait_for(100)
            run(ground.home.parent, "backup", kept)
            load.wait_for(100)
            ((moment,),) = ground.ask("SELECT clock_timestamp()")
            load.wait_for(100)
            if rounds(1, 0):
                # Long enough for the server to close segments by the clock alone.
                time.sleep(75)
            else:
                ground.ask("SELECT pg_switch_wal()")
                time.sleep(1)
    ground.kill()
    assert not load.surprises, load.surprises[:3]
    acknowledged |= load.acknowledged

    drills = []
    try:
        drills.append(Drill(tmp_path / "then", kept, keys, "--at", moment.isoformat()))
        drills.append(Drill(tmp_path / "latest", kept, keys))
        # The lost machine comes up again only to be asked what it had committed when.
        ground.restart()
        latest = datetime.fromisoformat(drills[1].told["last_commit_at"])
        for drill, until in zip(drills, (moment, latest), strict=True):
            replayed = ground.ask(LOG, until)
            assert drill.ask(LEGS) == replayed
            there = {row[0] for row in replayed}
            assert 0 < len(there) < len(acknowledged)
            known = {key: number for key, number in acknowledged.items() if number in there}
            audit_books(drill.server.app_url, known)
        ((last,),) = ground.ask("SELECT max(pg_xact_commit_timestamp(xmin)) FROM ledger_journal")
    finally:
        for drill in drills:
            drill.server.stop()

    seconds = max(drill.told["seconds"] for drill in drills)
    told(
        27,
        "base backup and log, restored to a moment in the middle of the load",
        len(drills),
        f"{len(replayed):,} legs = replay; RPO {(last - latest).total_seconds():.1f} s;"
        f" drill {seconds} s",
        "= replay; RPO <= 60 s; drill <= 15 min",
    )
    assert last - latest <= RPO
    assert seconds <= DRILL
