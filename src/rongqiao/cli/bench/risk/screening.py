"""`rongqiao bench screening`: a customer held against a list of a million names at onboarding.

On a durable server made for this and removed afterwards. The customers are screened by a process
that has just started, as a web worker has: its first screening, which loads dictionaries and opens
the connection, is told apart.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import NamedTuple

import django

django.setup()

import psycopg  # noqa: E402 - Django is set up above
from django.db import connection  # noqa: E402

from rongqiao.cli.bench.report import Figure, Report, Work  # noqa: E402
from rongqiao.cli.migrate import bring_up_to_date  # noqa: E402
from rongqiao.config.places import django_database  # noqa: E402
from rongqiao.platform.postgres import launcher  # noqa: E402
from rongqiao.platform.postgres.connecting import pointed_at  # noqa: E402
from rongqiao.risk.queries.laundering.trial import (  # noqa: E402
    invented_customers,
    invented_entries,
    screen,
)

MANY, QUICK = 1_000_000, 50_000
CUSTOMERS, QUICK_CUSTOMERS = 1_000, 300
SEED = 20260101
MOST_MILLISECONDS = 50.0
_INDEX = "listed_entry_keys"


class Taken(NamedTuple):
    """Milliseconds: the first screening of a process, the later ones, a bare look-up by key."""

    first: float
    later: list[float]
    bare: list[float]
    hits: int


def measure(work: Work) -> Report:
    """Fill the list, screen customers in a fresh process, and judge the median."""
    names = QUICK if work.quick else MANY
    customers = QUICK_CUSTOMERS if work.quick else CUSTOMERS
    with _server() as server:
        began = perf_counter()
        _fill(server, names)
        filled = perf_counter() - began
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            taken = pool.apply(screen_customers, (server.app_url, customers))
    return Report(
        bench="screening",
        rounds=customers,
        limit={
            "names on the list": f"{names:,}, invented",
            "a bare look-up by one key": f"{median(taken.bare):.2f} ms",
            "filled in": f"{filled:.0f} s",
            "customers with a likeness": taken.hits,
        },
        figures=(
            Figure("median", median(taken.later), "ms", most=MOST_MILLISECONDS),
            Figure("95th percentile", quantiles(taken.later, n=20)[-1], "ms"),
            Figure("slowest", max(taken.later), "ms"),
            Figure("first of a process", taken.first, "ms"),
        ),
    )


def screen_customers(url: str, count: int) -> Taken:
    """Screen invented customers on the database at `url`, in the process that runs this."""
    customers = invented_customers(count + 1, SEED + 1)
    with pointed_at(django_database(url)):
        times, hits = [], 0
        for one in customers:
            began = perf_counter()
            found = screen(one)
            times.append(1000 * (perf_counter() - began))
            hits += bool(found)
        with connection.cursor() as cursor:
            cursor.execute("SELECT keys[1:1] FROM risk_listedentry ORDER BY id LIMIT 200")
            known = [keys for (keys,) in cursor.fetchall()]
        bare = [_bare(keys) for keys in known]
        connection.close()
    return Taken(times[0], times[1:], bare, hits)


def _bare(keys: list[int]) -> float:
    """Return the milliseconds of one look-up by one key: the least that a screening must do."""
    began = perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM risk_listedentry WHERE until IS NULL AND keys && %s::bigint[]", [keys]
        )
        cursor.fetchall()
    return 1000 * (perf_counter() - began)


@contextmanager
def _server() -> Iterator[launcher.Server]:
    with tempfile.TemporaryDirectory(prefix="rongqiao-bench-") as name:
        server = launcher.start(Path(name) / "postgres")
        try:
            bring_up_to_date(server.owner_url, server.app_url, only="risk")
            yield server
        finally:
            server.stop()


def _fill(server: launcher.Server, count: int) -> None:
    """Write the list; its index is made once it is whole, as after a restore."""
    with psycopg.connect(server.owner_url, autocommit=True) as owner:
        found = owner.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [_INDEX])
        ((definition,),) = found.fetchall()
        owner.execute(f"DROP INDEX {_INDEX}")
        copied = """COPY risk_listedentry (code, reference, kind, names, born, numbers, countries,
          programme, remark, digest, keys, since) FROM STDIN"""
        with owner.cursor() as cursor, cursor.copy(copied) as copy:
            for reference, kind, names, born, keys, digest in invented_entries(count, SEED):
                copy.write_row(
                    ["bench", reference, kind, names, born, [], [], "", "", digest, keys, 1]
                )
        owner.execute(definition)
        owner.execute("VACUUM ANALYZE risk_listedentry")
