"""`rongqiao simulate`: a deterministic life of a platform in a database of its own.

Ids, keys and both clocks follow from the seed, so that two runs with one seed end with the same
trial balance and the same head of the audit chain.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import django
import typer

django.setup()

from django.conf import settings  # noqa: E402
from rich.console import Console  # noqa: E402
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: E402

from rongqiao.cli.migrate import bring_up_to_date  # noqa: E402
from rongqiao.cli.simulate.custodian import FIVE_PERCENT, Custodian, banking  # noqa: E402
from rongqiao.cli.simulate.desk import Desk  # noqa: E402
from rongqiao.cli.simulate.figures import figures  # noqa: E402
from rongqiao.cli.simulate.life import Span, live  # noqa: E402
from rongqiao.cli.simulate.people.invented import invent  # noqa: E402
from rongqiao.config.places import Places, django_database  # noqa: E402
from rongqiao.platform.clock import running_on  # noqa: E402
from rongqiao.platform.crypto import Keys, sealing_with  # noqa: E402
from rongqiao.platform.ids import drawing_from  # noqa: E402
from rongqiao.platform.postgres import launcher  # noqa: E402
from rongqiao.platform.postgres.connecting import pointed_at  # noqa: E402

FIRST_DAY = date(2025, 1, 6)
MOST_DAYS, MOST_BORROWERS = 3660, 100_000


def command(
    seed: Annotated[int, typer.Option("--seed", help="What ids, keys and people follow from.")],
    days: Annotated[int, typer.Option("--days", help="Business days to live.")],
    borrowers: Annotated[int, typer.Option("--borrowers", help="People and firms who apply.")],
    lenders: Annotated[int, typer.Option("--lenders", help="Not yet: see the message.")] = 0,
    faults: Annotated[
        bool,
        typer.Option("--faults", help="The bank fails, repeats, loses and delays 5 % each."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="End with one JSON line.")] = False,
) -> None:
    """Live a platform's life and check every law of its books."""
    _check("days", days, 1, MOST_DAYS)
    _check("borrowers", borrowers, 0, MOST_BORROWERS)
    if lenders:
        _refuse(f"--lenders is {lenders}; allowed: 0, since lenders arrive with the marketplace")
    with _own_world(seed) as folder:
        wrong = {**FIVE_PERCENT, "seed": seed} if faults else None
        with banking(folder / "bank", wrong) as custodian:
            span = Span(seed=seed, days=days, is_restless=faults)
            found = _live(custodian, span, borrowers, quiet=as_json)
    if as_json:
        print(json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    else:
        _print(found)
    if any(law["broken"] for law in found["laws"]) or found["breaks"]["open"]:
        raise typer.Exit(1)


@contextmanager
def _own_world(seed: int) -> Iterator[Path]:
    """Start a server in a folder of its own, seal with the seed's keys; leave nothing behind."""
    places = Places.of_environment()
    places.var.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="simulation-", dir=places.var))
    before = settings.PLACES, settings.OPERATOR_ROLE
    settings.PLACES, settings.OPERATOR_ROLE = Places(folder), "microloan_company"
    try:
        server = launcher.start(folder / "postgres", durable=False)
        try:
            bring_up_to_date(server.owner_url, server.app_url)
            with (
                pointed_at(django_database(server.app_url)),
                sealing_with(Keys.from_seed(seed)),
                drawing_from(random.Random(f"{seed}/ids")),  # noqa: S311 - nothing is secret here
            ):
                yield folder
        finally:
            launcher.stop(folder / "postgres")
    finally:
        settings.PLACES, settings.OPERATOR_ROLE = before
        shutil.rmtree(folder, ignore_errors=True)


def _live(custodian: Custodian, span: Span, borrowers: int, *, quiet: bool) -> dict[str, Any]:
    desk = Desk(name=f"simulation-{span.seed}", first=FIRST_DAY)
    profiles = invent(span.seed, borrowers, span.days, FIRST_DAY)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    is_shown = not quiet and console.is_terminal
    with running_on(desk.clock), Progress(*columns, console=console, disable=not is_shown) as bar:
        task = bar.add_task(FIRST_DAY.isoformat(), total=span.days)

        def tell(on: date, done: int) -> None:
            bar.update(task, completed=done, description=on.isoformat())

        town = live(desk, custodian, profiles, span, tell)
        return {
            "seed": span.seed,
            "days": span.days,
            "borrowers": borrowers,
            "business_date": desk.on.isoformat(),
            **figures(town.refused),
        }


def _print(found: dict[str, Any]) -> None:
    print(f"seed {found['seed']}: {found['days']} days to {found['business_date']}")
    print(f"{found['operations']} operations, {found['lent']} yuan lent")
    for name, count in found["loans"].items():
        print(f"  {name:<12}{count:>8}")
    for name, line in found["trial_balance"].items():
        print(f"  {name:<36}{line['debit']:>18}{line['credit']:>18}")
    for law in found["laws"]:
        print(f"  {'BROKEN' if law['broken'] else 'holds'}: {law['law']} ({law['checked']})")
    print(f"chain head {found['chain']['head']} after {found['chain']['length']} links")
    for code, count in found["refused"].items():
        print(f"  refused {count} times: {code}")


def _check(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        _refuse(f"--{name} is {value}; allowed: {low} to {high}")


def _refuse(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    raise typer.Exit(2)
