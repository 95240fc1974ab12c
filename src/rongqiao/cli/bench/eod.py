"""`rongqiao bench eod`: the day's close of a million generated loans, step by step.

On a durable server made for this and removed afterwards. Three days are closed by the code that
`rongqiao eod` runs; before each, what is due is paid, which is not measured. After each, every
loan's interest is held against the calendar, and a sample of loans against the pure engine.
"""

from __future__ import annotations

import os
import re
import resource
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

import django

django.setup()

from django.db import connection  # noqa: E402 - Django is set up above

from rongqiao.cli import eod  # noqa: E402
from rongqiao.cli.bench.eod_ground import (  # noqa: E402
    FIRST,
    MOST_TERMS,
    pay,
    portfolio,
    server_with_tables,
)
from rongqiao.cli.bench.report import Figure, Report, Work  # noqa: E402
from rongqiao.lending.servicing.queries.checks import (  # noqa: E402
    check_loans,
    subledger_totals,
)
from rongqiao.lending.servicing.queries.closing_days import (  # noqa: E402
    StepFigures,
    list_lives,
    list_steps,
    lives_after,
)
from rongqiao.money.ledger.queries.books import product_balances  # noqa: E402
from rongqiao.platform.postgres import launcher  # noqa: E402

MANY, FEW, QUICK, QUICK_FEW = 1_000_000, 10_000, 10_000, 1_000
DAYS, WORKERS = 3, 2
MOST_SECONDS, MOST_GROWTH, MOST_MEGABYTES = 60.0, 105.0, 300.0
SAMPLE = 400


class Day(NamedTuple):
    """One closed day: seconds in all and by step; `steps` count the rows of the helpers too."""

    on: date
    seconds: float
    closed: eod.Closed
    megabytes: float
    steps: tuple[StepFigures, ...]


def measure(work: Work) -> Report:
    """Close three days of `loans` loans, and of a few of them, and judge time and growth."""
    loans = work.options.get("loans", QUICK if work.quick else MANY)
    terms = work.options.get("terms", MOST_TERMS)
    few = QUICK_FEW if loans <= FEW else FEW
    with server_with_tables() as server:
        base, days = (_closed_days(server, count, terms) for count in (few, loans))
        seconds, before = median(day.seconds for day in days), median(d.seconds for d in base)
    judged = loans == MANY and terms == MOST_TERMS
    return Report(
        bench="eod",
        rounds=DAYS,
        limit={
            "loans": f"{loans:,}, generated, of at most {terms} instalments",
            "days": " ".join(f"{day.on}: {day.seconds:.2f} s" for day in days),
            "growth from": f"{few:,} loans in {before:.2f} s",
            "workers": WORKERS,
            "cores": os.cpu_count(),
            "load average": f"{os.getloadavg()[0]:.1f}",
        },
        figures=(
            Figure("close", seconds, "s", most=MOST_SECONDS if judged else None),
            Figure("growth", seconds / before, "x", most=MOST_GROWTH if judged else None),
            Figure("python_memory", max(day.megabytes for day in days), "MB", most=MOST_MEGABYTES),
            Figure("loans", loans / seconds, "loans/s"),
            *_steps(days),
        ),
    )


def _closed_days(server: launcher.Server, loans: int, terms: int) -> list[Day]:
    """Return three days' closing of so many loans. Each is checked."""
    with portfolio(server, loans, terms) as heads:
        sample = list(_sample())
        days = []
        for on in (FIRST + timedelta(days=n) for n in range(DAYS)):
            pay(on)
            expected = lives_after(list_lives(sample), on)
            to = on + timedelta(days=1)
            with eod.helpers(to, WORKERS - 1) as helpers:
                started = perf_counter()
                closed = eod.catch_up(to, heads=heads)
                taken = perf_counter() - started
                days.append(Day(on, taken, closed, _megabytes(helpers), list_steps(on, on)))
            _assert_earned(on)
            assert list_lives(sample) == expected
    return days


def _steps(days: list[Day]) -> list[Figure]:
    """Return each step's median time and rate, of the days that had it."""
    figures = []
    for step in dict.fromkeys(step for day in days for step in day.closed.seconds):
        closed = [day.closed for day in days if step in day.closed.seconds]
        taken = median(one.seconds[step] for one in closed)
        rows = median(_rows(day, step) for day in days if step in day.closed.seconds)
        figures.append(Figure(f"{step}_seconds", taken, "s"))
        if rows:
            figures.append(Figure(f"{step}_rows", rows / taken, "rows/s"))
    return figures


def _rows(day: Day, step: str) -> int:
    """Return what the step changed: by all workers where they shared it."""
    shared = [one.changed for one in day.steps if one.step == step]
    return shared[0] if shared else day.closed.changed[step]


def _sample() -> list[str]:
    """Return numbers of loans all over the portfolio, the unpaid ones among them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT number FROM servicing_loan ORDER BY md5(number) LIMIT %s""", [SAMPLE]
        )
        return [number for (number,) in cursor.fetchall()]


# Interest earned before the day after `on`, by the calendar alone: whole once due, else by days
# used, half-up; less what was paid. And what the books earned on the day.
_EARNED = """
WITH earned AS (
  SELECT loan_id, sum(CASE WHEN due_on <= %(opening)s THEN interest_minor
      WHEN from_on < %(opening)s THEN floor(interest_minor::numeric * (%(opening)s - from_on)
        / (due_on - from_on) + 0.5) ELSE 0 END - interest_paid_minor) AS interest
  FROM servicing_instalment GROUP BY 1
)
SELECT count(*), count(*) FILTER (WHERE interest <> interest_outstanding_minor
  - period_accrued_minor + servicing_booked(loan, %(opening)s))
FROM earned JOIN servicing_loan AS loan ON id = loan_id
"""


def _assert_earned(on: date) -> None:
    """A fast but wrong close would be worth nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_EARNED, {"opening": on + timedelta(days=1)})
        count, wrong = cursor.fetchone()
    assert wrong == 0, f"{wrong} of {count} loans with another interest than the calendar's"
    assert product_balances() == subledger_totals()
    checked = check_loans()
    assert checked.broken == 0, checked


def _megabytes(helpers: Sequence[BaseProcess]) -> float:
    """Return the highest memory of this process and its helpers so far, together.

    Where the system does not tell another process's, this one's for each.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    found = own
    for one in helpers:
        status = Path(f"/proc/{one.pid}/status")
        peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text() if status.exists() else "")
        found += int(peak[1]) * 1024 / 1e6 if peak else own
    return found
