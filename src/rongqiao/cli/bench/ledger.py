"""`rongqiao bench ledger`: a transfer in the books against PostgreSQL's own TPC-B-like script.

Both run on the same durable server, made for this and removed afterwards, in turn, at 8 clients,
both driven by pgbench. TPC-B: three updates, a select and an insert in one transaction, at a scale
above the number of clients (as pgbench's manual asks).
"""

from __future__ import annotations

import random
import re
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import django
import psycopg

django.setup()

from rongqiao.cli.bench.report import (  # noqa: E402 - Django is set up above
    Figure,
    Report,
    Work,
    median_ratio,
    take_turns,
)
from rongqiao.cli.migrate import bring_up_to_date  # noqa: E402
from rongqiao.platform.postgres import launcher  # noqa: E402

CLIENTS = 8
SCALE = 10
ACCOUNTS = 100_000
BATCH = 500
SINGLE_TARGET = 1.3

# Literals alone, as a driver sends them (pgbench puts its variables into text). The key is random:
# 62 bits, never the same twice.
TRANSFER = f"""\
\\set source random(1, {ACCOUNTS})
\\set target (:source + random(1, {ACCOUNTS - 1}) - 1) % {ACCOUNTS} + 1
\\set key random(1, 4611686018427387904)
SELECT ledger_post_batch('{{bench-:key}}', '{{transfer}}', '{{bench-:key}}', '{{2026-01-05}}', \
'{{1,1}}', '{{bench-:source,bench-:target}}', '{{-100,100}}', '{{CNY,CNY}}', \
'bench', '2026-01-05 04:00+00');
"""


@dataclass(frozen=True)
class Bench:
    """A server with two databases: the books, and TPC-B's tables."""

    server: launcher.Server
    tpcb_url: str
    script: Path
    seconds: int

    def tpcb(self) -> float:
        """Return TPC-B-like transactions a second."""
        return self._pgbench(self.tpcb_url, [])

    def single(self) -> float:
        """Return transfers a second, one call and one commit for each."""
        return self._pgbench(self.server.app_url, ["--file", str(self.script)])

    def _pgbench(self, url: str, arguments: Sequence[str]) -> float:
        done = subprocess.run(  # noqa: S603 - own words
            [
                self.server.binaries.program("pgbench"),
                "--no-vacuum",
                f"--client={CLIENTS}",
                "--jobs=2",
                f"--time={self.seconds}",
                *arguments,
                url,
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        failed = re.search(r"number of failed transactions: (\d+)", done.stdout)
        assert failed is not None, done.stdout
        assert failed[1] == "0", done.stdout
        told = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
        assert told is not None, done.stdout
        return float(told[1])


def measure(work: Work) -> Report:
    """Measure single transfers, batches of 500 and calls from Python against TPC-B."""
    rounds, seconds = (5, 2) if work.quick else (9, 10)
    with tempfile.TemporaryDirectory(prefix="rongqiao-bench-") as folder:
        server = launcher.start(Path(folder) / "postgres")
        try:
            return _measured(_prepared(server, Path(folder), seconds), rounds, work)
        finally:
            server.stop()


def _prepared(server: launcher.Server, folder: Path, seconds: int) -> Bench:
    bring_up_to_date(server.owner_url, server.app_url)
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE tpcb")
        owner.execute(
            """SELECT ledger_open_accounts(array_agg('bench-' || nr),
                 array_agg('liability'::text), array_agg('CNY'::text),
                 array_agg(-1000000000000::bigint), array_agg(false), now())
               FROM generate_series(1, %s) AS nr""",
            [ACCOUNTS],
        )
        owner.execute("VACUUM ANALYZE")
    tpcb_url = launcher.address(server.owner_url, "tpcb")
    subprocess.run(  # noqa: S603 - own words
        [
            server.binaries.program("pgbench"),
            "--initialize",
            f"--scale={SCALE}",
            "--quiet",
            tpcb_url,
        ],
        capture_output=True,
        check=True,
    )
    script = folder / "transfer.sql"
    script.write_text(TRANSFER)
    return Bench(server, tpcb_url, script, seconds)


def _measured(bench: Bench, rounds: int, work: Work) -> Report:
    with (
        psycopg.connect(bench.server.app_url, autocommit=True) as app,
        psycopg.connect(bench.server.admin_url, autocommit=True) as admin,
    ):
        calls = 100 if work.quick else 1000
        turns: dict[str, Callable[[], float]] = {
            # Each turn begins right after a checkpoint, so that none pays another's.
            "tpcb": lambda: _after_checkpoint(admin, bench.tpcb),
            "single": lambda: _after_checkpoint(admin, bench.single),
            "python": lambda: _posted_per_second(app, calls, 1),
            "batch": lambda: _posted_per_second(app, max(2, calls // 100), BATCH),
        }
        taken = take_turns(rounds, turns)
        _assert_sound(app)
    ratios = " ".join(
        f"{single / tpcb:.2f}" for single, tpcb in zip(taken["single"], taken["tpcb"], strict=True)
    )
    return Report(
        bench="ledger",
        rounds=rounds,
        limit={
            "peer": f"pgbench TPC-B-like, scale {SCALE}, {CLIENTS} clients, fsync on",
            "tpcb_per_second": round(median(taken["tpcb"])),
            "single_ratio_of_each_round": ratios,
        },
        figures=(
            Figure(
                "single_transfer",
                median_ratio(taken["single"], taken["tpcb"]),
                "x TPC-B",
                SINGLE_TARGET,
            ),
            Figure("single_transfers", median(taken["single"]), "1/s"),
            Figure("python_one_by_one_1_client", median(taken["python"]), "1/s"),
            Figure("batch_of_500_1_client", median_ratio(taken["batch"], taken["tpcb"]), "x TPC-B"),
            Figure("batch_of_500_transfers", median(taken["batch"]), "1/s"),
        ),
    )


def _after_checkpoint(admin: psycopg.Connection, turn: Callable[[], float]) -> float:
    admin.execute("CHECKPOINT")
    return turn()


def _posted_per_second(app: psycopg.Connection, calls: int, size: int) -> float:
    """Return transfers a second of one Python client that posts batches of `size`."""
    source = random.SystemRandom()
    started = perf_counter()
    for _ in range(calls):
        legs: list[str] = []
        for _ in range(size):
            legs += [f"bench-{nr}" for nr in source.sample(range(1, ACCOUNTS + 1), 2)]
        app.execute(
            """SELECT ledger_post_batch(%s::text[], %s::text[], %s::text[], %s::date[], %s::int[],
                      %s::text[], %s::bigint[], %s::text[], 'bench', '2026-01-05T04:00:00Z')""",
            [
                [f"bench-{source.getrandbits(62)}" for _ in range(size)],
                ["transfer"] * size,
                ["bench"] * size,
                ["2026-01-05"] * size,
                [nr // 2 + 1 for nr in range(2 * size)],
                legs,
                [-100, 100] * size,
                ["CNY"] * (2 * size),
            ],
        )
    return calls * size / (perf_counter() - started)


def _assert_sound(app: psycopg.Connection) -> None:
    """A fast but wrong ledger would be worth nothing: sums are zero, and nothing is lost."""
    row = app.execute(
        """SELECT (SELECT sum(balance_minor) FROM ledger_account),
                  (SELECT count(*) FROM ledger_journal) - (SELECT count(*) FROM ledger_key),
                  (SELECT count(*) FROM ledger_posting)
                  - 2 * (SELECT count(*) FROM ledger_journal)"""
    ).fetchone()
    assert row == (0, 0, 0), row
