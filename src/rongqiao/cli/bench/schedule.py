"""`rongqiao bench schedule`: dated 36-row schedules against a bare integer loop of 36 rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from random import Random
from statistics import median
from typing import NamedTuple

import numpy as np

from rongqiao.cli.bench.report import Figure, Report, Work, median_ratio, per_second, take_turns
from rongqiao.finance.schedule.batch import RATE_UNITS, level_schedules
from rongqiao.finance.schedule.engine import schedule
from rongqiao.finance.schedule.terms import Terms

ROWS = 36
SEED = 36
LEAST_ONE_BY_ONE = 0.6
LEAST_IN_BATCH = 10.0


class Loan(NamedTuple):
    """What differs from loan to loan: fen, hundred-millionths a year, and the day of payment."""

    principal: int
    rate: int
    start: date


# Short turns, many rounds: whatever else the machine does falls on few of them.
SINGLES, BATCH = 1_000, 50_000
ROUNDS, QUICK_ROUNDS = 201, 51


def measure(work: Work) -> Report:
    """Return absolute rates, and the ratios that are judged."""
    rounds = QUICK_ROUNDS if work.quick else ROUNDS
    loans = _loans(BATCH)
    singles = [_terms(loan) for loan in loans[:SINGLES]]
    bare = [_bare_input(terms) for terms in singles]
    columns = [
        np.array(column, np.int64)
        for column in zip(
            *((loan.principal, loan.rate, loan.start.toordinal()) for loan in loans), strict=True
        )
    ]
    measures = {
        "bare": lambda: per_second(len(bare), lambda: _run_bare(bare)),
        "single": lambda: per_second(len(singles), lambda: _run_singles(singles)),
        "batch": lambda: per_second(len(loans), lambda: _run_batch(columns)),
    }
    # The first turn fills caches that a living platform has full.
    take_turns(1, measures)
    taken = take_turns(rounds, measures)
    single_ratio = median_ratio(taken["single"], taken["bare"])
    batch_ratio = median_ratio(taken["batch"], taken["bare"])
    return Report(
        bench="schedule",
        rounds=rounds,
        limit={"bare 36-row integer loops a second": round(median(taken["bare"]))},
        figures=(
            Figure("one at a time", single_ratio, "x bare loop", LEAST_ONE_BY_ONE),
            Figure("in batch", batch_ratio, "x bare loop", LEAST_IN_BATCH),
            Figure("one at a time, absolute", median(taken["single"]), "schedules/s"),
            Figure("in batch, absolute", median(taken["batch"]), "schedules/s"),
        ),
    )


def _loans(count: int) -> list[Loan]:
    random = Random(SEED)  # noqa: S311 - the same loans on every machine, not a secret
    first = date(2026, 1, 1).toordinal()
    return [
        Loan(
            random.randrange(100_000, 50_000_000),
            random.randrange(300, 2_400) * (RATE_UNITS // 10_000),
            date.fromordinal(first + random.randrange(365)),
        )
        for _ in range(count)
    ]


def _terms(loan: Loan) -> Terms:
    rate = Fraction(loan.rate, RATE_UNITS)
    return Terms(principal=loan.principal, rate_annual=rate, start=loan.start, terms=ROWS)


def _bare_input(terms: Terms) -> tuple[int, int, int, int]:
    plain = terms.plain
    assert plain is not None
    level = schedule(terms).payments[0]
    return terms.principal, level, plain.numerator, plain.denominator


def _run_bare(inputs: Sequence[tuple[int, int, int, int]]) -> None:
    for principal, payment, numerator, denominator in inputs:
        _bare_loop(principal, payment, numerator, denominator)


def _bare_loop(balance: int, payment: int, numerator: int, denominator: int) -> int:
    """The least that a schedule must do: nothing found, nothing dated, nothing kept."""
    half = denominator // 2
    for _ in range(ROWS):
        interest = (balance * numerator + half) // denominator
        principal = payment - interest
        balance -= principal
    return balance


def _run_singles(singles: Sequence[Terms]) -> None:
    for terms in singles:
        schedule(terms)


def _run_batch(columns: Sequence[np.ndarray[tuple[int], np.dtype[np.int64]]]) -> None:
    principals, rates, starts = columns
    level_schedules(principals, rates, starts, ROWS)
