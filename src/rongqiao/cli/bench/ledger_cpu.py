"""What a posting costs in CPU, the client's Python and the server's process together."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from django.db import connection

from rongqiao.cli.bench.ledger_ground import ACCOUNTS
from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations import writers
from rongqiao.money.ledger.operations.writers import Distribution
from rongqiao.platform.operations import Call

ON = date(2026, 1, 5)
CALL = Call(actor="system:bench", key="bench", at=datetime(2026, 1, 5, 4, tzinfo=UTC), on=ON)
_source = random.SystemRandom()


def _key() -> str:
    return f"bench-{_source.getrandbits(62)}"


def _journals(size: int) -> list[Journal]:
    journals = []
    for _ in range(size):
        one, other = _source.sample(range(1, ACCOUNTS + 1), 2)
        money = Money(100)
        legs = (debit(str(one), money), credit(str(other), money))
        journals.append(Journal("transfer", "bench", ON, legs))
    return journals


def post(calls: int, size: int) -> Callable[[], object]:
    """Return work: so many calls of the platform's writer, each a batch of `size` transfers."""
    batches = [(_journals(size), [_key() for _ in range(size)]) for _ in range(calls)]

    def work() -> None:
        for journals, keys in batches:
            writers.post_batch(keys, journals, CALL)

    return work


def distribute(calls: int, holders: int) -> Callable[[], object]:
    """Return work: so many repayments, each shared among so many holders."""
    asked = []
    for _ in range(calls):
        payer, *lenders = _source.sample(range(1, ACCOUNTS + 1), holders + 1)
        weights = [_source.randint(10_000, 10_000_000) for _ in lenders]
        codes = [str(lender) for lender in lenders]
        repayment = Distribution(
            kind="repayment",
            document="bench",
            value_on=ON,
            source=str(payer),
            amount=Money(_source.randint(10_000_000, 100_000_000)),
            holders=tuple(zip(codes, weights, strict=True)),
        )
        asked.append((repayment, _key()))

    def work() -> None:
        for repayment, key in asked:
            writers.distribute(key, repayment, CALL)

    return work


def cpu_milliseconds(work: Callable[[], object]) -> float:
    """Return the CPU that `work` took, here and in the server's process for this connection.

    Where the system does not tell another process's CPU, the time that passed, which is more.
    """
    connection.ensure_connection()
    server = _server_cpu()
    here, started = time.process_time(), time.perf_counter()
    work()
    passed, spent = time.perf_counter() - started, time.process_time() - here
    if server is not None:
        after = _server_cpu()
        assert after is not None
        return (spent + after - server) * 1000
    return passed * 1000


def _server_cpu() -> float | None:
    """Return the seconds of CPU of this connection's server process, None where none tells."""
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    if not stat.exists():
        return None
    # After the name in parentheses: the 12th and 13th fields are user and system time, in ticks.
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
