"""The ground of `rongqiao bench ledger`: a durable server with the books and with TPC-B's tables.

Both are driven by pgbench. TPC-B: three updates, a select and an insert in one transaction, at a
scale above the number of clients (as pgbench's manual asks).
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time_ns

import psycopg

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.platform.postgres import launcher

FEW, MANY = 8, 32
SCALE = 10
ACCOUNTS = 100_000
BATCH = 500
HOT = "bench-hot"

# Keys are in order of time and never the same twice, as those that the platform makes (UUIDv7):
# the nanosecond in which the turn began, and a number of each client's own. Prepared, with codes
# and keys as a driver sends them: accounts are called by numbers, so that the server need not put
# their names together.
_TRANSFER = """\
\\set source random(1, {accounts})
\\set target (:source + random(1, {accounts} - 1) - 1) % {accounts} + 1
\\set number :number + 1
\\set key :began + :number * 64 + :client_id
SELECT ledger_post_transfer(:key, 'transfer', 'bench', '2026-01-05', :source, {target}, 100, \
'CNY', 'bench', '2026-01-05 04:00+00');
"""
# What 500 callers would have sent; the arrays are made by the server, at its cost.
_BATCH = """\
\\set key random(1, 4611686018427387904)
SELECT ledger_post_batch(keys, kinds, keys, dates, numbers, accounts, amounts, currencies, \
'bench', '2026-01-05 04:00+00') FROM \
(SELECT array_agg('bench-' || :key::text || '-' || n) AS keys, \
array_agg('transfer'::text) AS kinds, array_agg(date '2026-01-05') AS dates \
FROM generate_series(1, {batch}) AS n) AS journals, \
(SELECT array_agg((n + 1) / 2) AS numbers, \
array_agg((({accounts} / 2 * (random() + n % 2))::int % {accounts} + 1)::text) AS accounts, \
array_agg((n % 2 * 200 - 100)::bigint) AS amounts, array_agg('CNY'::text) AS currencies \
FROM generate_series(1, 2 * {batch}) AS n) AS legs;
"""
SCRIPTS = {
    "batch": _BATCH.format(accounts=ACCOUNTS, batch=BATCH),
    "single": _TRANSFER.format(accounts=ACCOUNTS, target=":target"),
    "hot": _TRANSFER.format(accounts=ACCOUNTS, target=f"'{HOT}'"),
}


@dataclass(frozen=True)
class Ground:
    """A server with two databases, the folder of pgbench's scripts, and how long turns take.

    The first `warm_up` seconds of each turn, in which connections plan their first calls and find
    their memory, and pages are logged whole for the first time since the checkpoint, are not
    counted; `seconds` are. A platform's connections live for hours, its checkpoints are minutes
    apart.
    """

    server: launcher.Server
    tpcb_url: str
    folder: Path
    warm_up: int
    seconds: int

    def tpcb(self, clients: int) -> float:
        """Return TPC-B-like transactions a second."""
        return self._pgbench(self.tpcb_url, clients, [])

    def transfers(self, script: str, clients: int) -> float:
        """Return transfers a second, one call and one commit for each."""
        path = self.folder / f"{script}.sql"
        return self._pgbench(
            self.server.app_url,
            clients,
            ["--protocol=prepared", f"--file={path}", "-Dnumber=0", f"-Dbegan={time_ns()}"],
        )

    def _pgbench(self, url: str, clients: int, arguments: list[str]) -> float:
        """Return transactions a second of one turn.

        Each begins right after a checkpoint, so that none pays another's.
        """
        with psycopg.connect(self.server.admin_url, autocommit=True) as admin:
            admin.execute("CHECKPOINT")
        done = subprocess.run(  # noqa: S603 - own words
            [
                self.server.binaries.program("pgbench"),
                "--no-vacuum",
                f"--client={clients}",
                "--jobs=2",
                f"--time={self.warm_up + self.seconds}",
                f"--progress={self.warm_up}",
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
        count = re.search(r"actually processed: (\d+)", done.stdout)
        first = re.search(r"^progress: ([\d.]+) s, ([\d.]+) tps", done.stderr, re.MULTILINE)
        assert count is not None, done.stdout
        assert first is not None, done.stderr
        passed = float(first[1])
        return (int(count[1]) - passed * float(first[2])) / (self.warm_up + self.seconds - passed)


@contextmanager
def ground(warm_up: int, seconds: int) -> Iterator[Ground]:
    """Make the server, fill both databases, and take all away at the end."""
    with tempfile.TemporaryDirectory(prefix="rongqiao-bench-") as name:
        folder = Path(name)
        server = launcher.start(folder / "postgres")
        try:
            bring_up_to_date(server.owner_url, server.app_url, only="ledger")
            _fill_books(server)
            yield Ground(server, _tpcb_of(server), folder, warm_up, seconds)
        finally:
            server.stop()


def _fill_books(server: launcher.Server) -> None:
    folder = server.directory.parent
    for name, text in SCRIPTS.items():
        (folder / f"{name}.sql").write_text(text)
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("SELECT ledger_open_month('2026-01-01')")
        owner.execute(
            """SELECT ledger_open_accounts(array_agg(nr::text),
                 array_agg('liability'::text), array_agg('CNY'::text),
                 array_agg(-1000000000000::bigint), array_agg(false), now())
               FROM generate_series(1, %s) AS nr""",
            [ACCOUNTS],
        )
        owner.execute(
            "SELECT ledger_open_accounts(ARRAY[%s], '{asset}', '{CNY}', '{-4611686018427387904}',"
            " '{true}', now(), '{rolled}')",
            [HOT],
        )
        owner.execute("VACUUM ANALYZE")


def _tpcb_of(server: launcher.Server) -> str:
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        owner.execute("CREATE DATABASE tpcb")
    url = launcher.address(server.owner_url, "tpcb")
    subprocess.run(  # noqa: S603 - own words
        [
            server.binaries.program("pgbench"),
            "--initialize",
            f"--scale={SCALE}",
            "--quiet",
            url,
        ],
        capture_output=True,
        check=True,
    )
    return url
