"""`rongqiao bench ledger`: postings in the books against PostgreSQL's own TPC-B-like script.

Both on the same durable server, made for this and removed afterwards, in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import django

django.setup()

from django.db import connection  # noqa: E402 - Django is set up above

from rongqiao.cli.bench.ledger_cpu import cpu_milliseconds, distribute, post  # noqa: E402
from rongqiao.cli.bench.ledger_ground import (  # noqa: E402
    BATCH,
    FEW,
    MANY,
    SCALE,
    Ground,
    ground,
)
from rongqiao.cli.bench.report import (  # noqa: E402
    Figure,
    Report,
    Work,
    median_ratio,
    take_turns,
)
from rongqiao.config.places import django_database  # noqa: E402
from rongqiao.money.ledger.queries import books  # noqa: E402
from rongqiao.platform.postgres.connecting import pointed_at  # noqa: E402

HOLDERS = 1_000
BACK = "_back"


@dataclass(frozen=True)
class Size:
    """How much to do: rounds, turns once or there and back, seconds of a turn, calls of a turn."""

    rounds: int
    back: bool
    warm_up: int
    seconds: int
    singles: int
    bulks: int


WHOLE, QUICK = Size(7, True, 3, 4, 1_000, 10), Size(2, False, 2, 1, 200, 2)


def measure(work: Work) -> Report:
    """Measure single transfers, a hot account, batches of 500, and repayments to 1,000 lenders."""
    size = QUICK if work.quick else WHOLE
    with (
        ground(size.warm_up, size.seconds) as bench,
        pointed_at(django_database(bench.server.app_url)),
    ):
        try:
            # The first calls plan what a living platform has planned.
            post(10, 1)(), post(2, BATCH)(), distribute(1, HOLDERS)()
            taken = _there_and_back(take_turns(size.rounds, _turns(bench, size)))
            _assert_sound()
        finally:
            connection.close()
    return Report(
        bench="ledger",
        rounds=size.rounds,
        limit={
            "peer": f"pgbench TPC-B-like, scale {SCALE}, {FEW} clients, fsync on",
            "tpcb_per_second": round(median(taken["tpcb"])),
            "single_ratio_of_each_round": _ratios(taken["single"], taken["tpcb"]),
            "single_32_ratio_of_each_round": _ratios(taken["single_32"], taken["tpcb"]),
            "hot_ratio_of_each_round": _ratios(taken["hot_32"], taken["hot"]),
        },
        figures=_figures(taken),
    )


def _turns(bench: Ground, size: Size) -> dict[str, Callable[[], float]]:
    # Next to each other what is divided by each other: the machine is the same for both.
    rates = {
        "single": lambda: bench.transfers("single", FEW),
        "tpcb": lambda: bench.tpcb(FEW),
        "single_32": lambda: bench.transfers("single", MANY),
        "hot_32": lambda: bench.transfers("hot", MANY),
        "hot": lambda: bench.transfers("hot", FEW),
    }
    # There and back: a machine that grows slower or faster meanwhile favours none of them.
    back = [(name + BACK, turn) for name, turn in reversed(rates.items())] if size.back else []
    return {
        **rates,
        **dict(back),
        "batch": lambda: bench.transfers("batch", FEW) * BATCH,
        "batch_python": lambda: _rate(post(size.bulks, BATCH), size.bulks * BATCH),
        "cpu_single": lambda: cpu_milliseconds(post(size.singles, 1)) / size.singles,
        "cpu_batch": lambda: cpu_milliseconds(post(size.bulks, BATCH)) / size.bulks / BATCH,
        "cpu_leg": lambda: (
            cpu_milliseconds(distribute(size.bulks, HOLDERS)) / size.bulks / (HOLDERS + 1)
        ),
    }


def _there_and_back(taken: dict[str, list[float]]) -> dict[str, list[float]]:
    """Return the turns with the mean of each that was taken twice in a round."""
    return {
        name: [(a + b) / 2 for a, b in zip(figures, taken.get(name + BACK, figures), strict=True)]
        for name, figures in taken.items()
        if not name.endswith(BACK)
    }


def _figures(taken: dict[str, list[float]]) -> tuple[Figure, ...]:
    def ratio(name: str, above: str, below: str, least: float | None = None) -> Figure:
        return Figure(name, median_ratio(taken[above], taken[below]), "x TPC-B", least)

    def cost(name: str, turn: str, most: float) -> Figure:
        return Figure(name, median(taken[turn]), "ms CPU", most=most)

    return (
        ratio("single_transfer", "single", "tpcb", 1.3),
        ratio("single_transfer_32_clients", "single_32", "tpcb", 2.0),
        ratio("batch_of_500", "batch", "tpcb", 6.0),
        ratio("batch_of_500_1_python_client", "batch_python", "tpcb"),
        Figure(
            "hot_account_32_clients",
            median_ratio(taken["hot_32"], taken["hot"]),
            "x 8 clients",
            0.9,
        ),
        cost("posting_one_by_one", "cpu_single", 0.6),
        cost("posting_in_batches_of_500", "cpu_batch", 0.08),
        cost("leg_of_a_repayment_to_1000", "cpu_leg", 0.08),
        Figure("single_transfers", median(taken["single"]), "1/s"),
        Figure("single_transfers_32_clients", median(taken["single_32"]), "1/s"),
        Figure("hot_account_transfers_32_clients", median(taken["hot_32"]), "1/s"),
        Figure("batch_of_500_transfers", median(taken["batch"]), "1/s"),
    )


def _ratios(above: list[float], below: list[float]) -> str:
    return " ".join(f"{a / b:.2f}" for a, b in zip(above, below, strict=True))


def _rate(work: Callable[[], object], times: int) -> float:
    started = perf_counter()
    work()
    return times / (perf_counter() - started)


def _assert_sound() -> None:
    """A fast but wrong ledger would be worth nothing: its laws hold, and nothing is lost."""
    for law in (books.check_journals, books.check_balances, books.check_floors):
        found = law()
        assert found.broken == 0, found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM ledger_journal) - (SELECT count(*) FROM ledger_key)"
        )
        assert cursor.fetchone() == (0,)
