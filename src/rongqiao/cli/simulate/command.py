"""`rongqiao simulate`: a deterministic life of a platform in a database of its own.

Ids, keys and both clocks follow from the seed, so that two runs with one seed end with the same
trial balance and the same head of the audit chain.
"""

from __future__ import annotations

import gc
import json
import logging
import random
import shutil
import signal
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
from rongqiao.cli.simulate.figures import as_of, figures  # noqa: E402
from rongqiao.cli.simulate.life import Span, live  # noqa: E402
from rongqiao.cli.simulate.people.invented import invent  # noqa: E402
from rongqiao.cli.simulate.shortest import (  # noqa: E402
    DayFailed,
    Life,
    Tell,
    failing,
    tell_shortest,
    watch_for,
)
from rongqiao.config.places import Places, django_database  # noqa: E402
from rongqiao.finance.months import last_day_of_month  # noqa: E402
from rongqiao.platform.clock import running_on  # noqa: E402
from rongqiao.platform.crypto import Keys, sealing_with  # noqa: E402
from rongqiao.platform.ids import drawing_from  # noqa: E402
from rongqiao.platform.postgres import launcher  # noqa: E402
from rongqiao.platform.postgres.connecting import pointed_at  # noqa: E402

FIRST_DAY = date(2025, 1, 6)
MOST_DAYS, MOST_BORROWERS = 3660, 100_000


def command(  # noqa: PLR0913 - one for each option
    seed: Annotated[int, typer.Option("--seed", help="What ids, keys and people follow from.")],
    days: Annotated[int, typer.Option("--days", help="Business days to live.")],
    borrowers: Annotated[int, typer.Option("--borrowers", help="People and firms who apply.")],
    *,
    of: Annotated[
        int, typer.Option("--of", help="Days the life is planned for, if only its first are lived.")
    ] = 0,
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
    if of:
        _check("of", of, days, MOST_DAYS)
    if lenders:
        _refuse(f"--lenders is {lenders}; allowed: 0, since lenders arrive with the marketplace")
    # A line for every job of three years would hide what goes wrong.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    # Asked to end, it ends its server and its bank, and leaves no folder behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    life = Life(seed=seed, days=days, of=of or days, borrowers=borrowers, has_faults=faults)
    try:
        found = _lived(life, quiet=as_json)
    except DayFailed as failed:
        tell_shortest(life, failed)
        raise
    if as_json:
        print(json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    else:
        _print(found)
    if wrong := failing(found):
        _find_first_day(life, wrong)
        raise typer.Exit(1)


def _find_first_day(life: Life, wrong: tuple[str, ...]) -> None:
    """Live the life again up to the first day that ends with what it ended with; tell the way."""
    print("looking for the first day that ends so: the life is lived again", file=sys.stderr)
    try:
        _lived(life, quiet=True, watch=watch_for(wrong))
    except DayFailed as failed:
        tell_shortest(life, failed)
    else:
        print(f"lived again it did not fail: {life.command(life.days)}", file=sys.stderr)


def _lived(life: Life, *, quiet: bool, watch: Tell | None = None) -> dict[str, Any]:
    """Live it in a world of its own, and return its figures; raises DayFailed."""
    with _own_world(life.seed) as folder:
        wrong = {**FIVE_PERCENT, "seed": life.seed} if life.has_faults else None
        with banking(folder / "bank", wrong) as custodian:
            return _live(custodian, life, quiet=quiet, watch=watch)


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
                _signing_with(Keys.from_seed(seed)),
                drawing_from(random.Random(f"{seed}/ids")),  # noqa: S311 - nothing is secret here
                _seldom_collected(),
            ):
                yield folder
        finally:
            launcher.stop(folder / "postgres")
    finally:
        settings.PLACES, settings.OPERATOR_ROLE = before
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _signing_with(ring: Keys) -> Iterator[None]:
    """Seal with the keys of `ring`, and share its secrets with the bank.

    The bank makes the tokens of cards by its secret, and they are on record: under the secret of
    this installation the same life would have another history in every installation.
    """
    before = settings.BANK_GATEWAY_SECRET, settings.BANK_CALLBACK_SECRET
    settings.BANK_GATEWAY_SECRET = ring.derived("bank-gateway")
    settings.BANK_CALLBACK_SECRET = ring.derived("bank-callback")
    try:
        with sealing_with(ring):
            yield
    finally:
        settings.BANK_GATEWAY_SECRET, settings.BANK_CALLBACK_SECRET = before


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for garbage seldom: a life makes millions of small values, hardly any in cycles."""
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _live(custodian: Custodian, life: Life, *, quiet: bool, watch: Tell | None) -> dict[str, Any]:
    desk = Desk(name=f"simulation-{life.seed}", first=FIRST_DAY)
    span = Span(seed=life.seed, days=life.days, is_restless=life.has_faults, has_fates=True)
    profiles = invent(life.seed, life.borrowers, life.of, FIRST_DAY)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    is_shown = not quiet and console.is_terminal
    months: list[dict[str, Any]] = []
    with running_on(desk.clock), Progress(*columns, console=console, disable=not is_shown) as bar:
        task = bar.add_task(FIRST_DAY.isoformat(), total=life.days)

        def tell(on: date, done: int) -> None:
            bar.update(task, completed=done, description=on.isoformat())
            if on.day == last_day_of_month(on.year, on.month):
                months.append(as_of(on))
            if watch:
                watch(on, done)

        town = live(desk, custodian, profiles, span, tell)
        return {
            "seed": life.seed,
            "days": life.days,
            "borrowers": life.borrowers,
            "business_date": desk.on.isoformat(),
            "months": months,
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
