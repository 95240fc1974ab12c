"""`rongqiao seed`: a small living platform from public data, up to today's business date.

Interrupted, it goes on where it was: every write has a key that is the same at every run.
"""

from __future__ import annotations

import json
import signal
import sys
from datetime import date
from typing import Annotated, Any

import django
import typer

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: E402

from rongqiao.cli.simulate.custodian import banking  # noqa: E402
from rongqiao.cli.simulate.desk import Desk  # noqa: E402
from rongqiao.cli.simulate.figures import figures  # noqa: E402
from rongqiao.cli.simulate.life import Span, live  # noqa: E402
from rongqiao.cli.simulate.seed import progress  # noqa: E402
from rongqiao.cli.simulate.seed.chapters.breaches import call_back  # noqa: E402
from rongqiao.cli.simulate.seed.chapters.credit import tighten_credit  # noqa: E402
from rongqiao.cli.simulate.seed.chapters.months import end_months  # noqa: E402
from rongqiao.cli.simulate.seed.chapters.outside import hear  # noqa: E402
from rongqiao.cli.simulate.seed.chapters.pledges import secure  # noqa: E402
from rongqiao.cli.simulate.seed.chapters.suspicion import suspect  # noqa: E402
from rongqiao.cli.simulate.seed.chapters.terms import change_terms  # noqa: E402
from rongqiao.cli.simulate.seed.chapters.weighing import weigh  # noqa: E402
from rongqiao.cli.simulate.seed.logins import give_logins  # noqa: E402
from rongqiao.cli.simulate.seed.public_sets import drawn  # noqa: E402
from rongqiao.finance.months import add_months  # noqa: E402
from rongqiao.platform import clock  # noqa: E402
from rongqiao.platform.models import OperationRecord  # noqa: E402

SEED = 20_260_101
NAME = "seed"
# Some are declined; those with a credit line draw on it more than once. The two outweigh each
# other but for a few.
APPLICANTS_MORE_THAN_LOANS = 8
# What happens beside applications, draws and payments.
CHAPTERS = (tighten_credit, change_terms, call_back, secure, weigh, hear, suspect, end_months)
MOST_MONTHS, MOST_LOANS = 60, 20_000


def command(
    months: Annotated[int, typer.Option("--months", help="How long the platform has lived.")] = 18,
    loans: Annotated[int, typer.Option("--loans", help="Loans at least.")] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Fill an empty platform with a demonstration."""
    _check("months", months, 1, MOST_MONTHS)
    _check("loans", loans, 1, MOST_LOANS)
    if settings.OPERATOR_ROLE != "microloan_company":
        _refuse(
            f"RONGQIAO_OPERATOR_ROLE is {settings.OPERATOR_ROLE};"
            " allowed: microloan_company, which the demonstration lends as"
        )
    found = progress.told()
    if found is None and OperationRecord.objects.exists():
        print("the platform has records of its own; it is left as it is", file=sys.stderr)
        return
    if found is not None and found[0] == progress.DONE:
        print("the demonstration is there already", file=sys.stderr)
        return
    # Asked to end, it ends its bank too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    today = clock.calendar_date()
    plan = found[1] if found else progress.Plan(add_months(today, -months), today, loans)
    lived = _seed(plan, quiet=as_json)
    if as_json:
        print(json.dumps(lived, ensure_ascii=False, sort_keys=True))
    else:
        print(f"{sum(lived['loans'].values())} loans, {lived['operations']} operations")


def _seed(plan: progress.Plan, *, quiet: bool) -> dict[str, Any]:
    """Live the plan, or what is left of it, and give out the log-ins."""
    with connection.cursor() as cursor:
        # A crash may lose the last moment of it; the next run makes it good.
        cursor.execute("SET synchronous_commit = off")
    desk = Desk(name=NAME, first=plan.first)
    applicants = plan.loans + APPLICANTS_MORE_THAN_LOANS
    profiles = drawn(SEED, applicants, plan.days, plan.first)
    progress.tell(plan, progress.LIVING, plan.first)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    shown = Progress(*columns, console=console, disable=quiet or not console.is_terminal)
    with clock.running_on(desk.clock), shown as bar:
        task = bar.add_task(plan.first.isoformat(), total=plan.days)

        def tell(on: date, done: int) -> None:
            progress.tell(plan, progress.LIVING, on)
            bar.update(task, completed=done, description=on.isoformat())

        # The bank's own state folder: it goes on from here once the seed has lived.
        with banking(settings.PLACES.var / "sandboxes" / "bank") as custodian:
            span = Span(seed=SEED, days=plan.days, chapters=CHAPTERS)
            town = live(desk, custodian, profiles, span, tell)
        logins = give_logins(town, town.residents)
        lived = figures(town.refused)
    progress.tell(plan, progress.DONE, plan.last, logins)
    return {"first": plan.first.isoformat(), "business_date": plan.last.isoformat(), **lived}


def _check(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        _refuse(f"--{name} is {value}; allowed: {low} to {high}")


def _refuse(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
