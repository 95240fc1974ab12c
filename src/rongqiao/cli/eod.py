"""`rongqiao eod`: close business days one by one; stopped anywhere, it goes on where it was."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Annotated

import django
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

django.setup()

from django.conf import settings  # noqa: E402 - Django is set up above
from django.db import DataError, OperationalError, connection  # noqa: E402

from rongqiao.config.wiring import (  # noqa: E402
    CARRY_OUT_RECALLS,
    COLLECT_BY_DEBIT,
    RESET_RATES,
    WATCH_MODELS,
)
from rongqiao.insight.reporting.operations.report_month import (  # noqa: E402
    ReportMonth,
    report_month,
)
from rongqiao.lending.origination.operations.concentrating.settle_exposures import (  # noqa: E402
    Lent,
    SettleExposures,
    settle_exposures,
)
from rongqiao.lending.origination.operations.signing.expire_offers import (  # noqa: E402
    CHUNK as EXPIRED_AT_MOST,
)
from rongqiao.lending.origination.operations.signing.expire_offers import (  # noqa: E402
    ExpireOffers,
    expire_offers,
)
from rongqiao.lending.servicing.operations.end_of_day.book_day import (  # noqa: E402
    BookDay,
    book_day,
)
from rongqiao.lending.servicing.operations.end_of_day.close_chunk import (  # noqa: E402
    Chunk,
    close_chunk,
)
from rongqiao.lending.servicing.operations.end_of_day.close_day import (  # noqa: E402
    CloseDay,
    close_day,
)
from rongqiao.lending.servicing.operations.end_of_day.open_first_day import (  # noqa: E402
    OpenFirstDay,
    open_first_day,
)
from rongqiao.lending.servicing.operations.end_of_day.plan_day import (  # noqa: E402
    LOANS_PER_CHUNK,
    NotTheBusinessDate,
    PlanDay,
    plan_day,
)
from rongqiao.lending.servicing.operations.end_of_day.steps import Step  # noqa: E402
from rongqiao.lending.servicing.operations.end_of_day.take_month import (  # noqa: E402
    TakeMonth,
    take_month,
)
from rongqiao.lending.servicing.operations.end_of_day.take_snapshot import (  # noqa: E402
    TakeSnapshot,
    take_snapshot,
)
from rongqiao.lending.servicing.operations.provisioning.prepare_allowance import (  # noqa: E402
    PrepareAllowance,
    prepare_allowance,
)
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay  # noqa: E402
from rongqiao.lending.servicing.queries.closing_days import (  # noqa: E402
    chunks_left,
    count_parked,
    free_chunk,
)
from rongqiao.lending.servicing.queries.daily import (  # noqa: E402
    list_collectable,
    open_business_date,
    planned_chunks,
)
from rongqiao.lending.servicing.queries.exposures import FIRST, list_unsettled  # noqa: E402
from rongqiao.lending.servicing.queries.provisioning.runs import is_valued  # noqa: E402
from rongqiao.money.ledger.operations.closing.seal_books import seal_what_stands  # noqa: E402
from rongqiao.money.ledger.operations.closing.write_heads import write_heads  # noqa: E402
from rongqiao.money.ledger.operations.upkeep.open_months import open_months  # noqa: E402
from rongqiao.platform import audit, clock  # noqa: E402
from rongqiao.platform.operations import Call  # noqa: E402
from rongqiao.platform.refusals import Refusal  # noqa: E402

ACTOR = "system:end-of-day"
PAUSE = 0.02
# Exposures stay locked while so many loans are counted anew: a signature waits that long at most.
SETTLED_AT_ONCE = 2_000

_log = logging.getLogger("rongqiao.eod")


@dataclass
class Closed:
    """What closing a stretch of days changed: days, rows and seconds by step, in order."""

    days: int
    changed: dict[str, int]
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, step: str, work: Callable[[], int]) -> None:
        """Do a step's work; count the rows it changed and the time it took."""
        started = time.perf_counter()
        count = work()
        self.changed[step] = self.changed.get(step, 0) + count
        self.seconds[step] = self.seconds.get(step, 0.0) + time.perf_counter() - started


def catch_up(
    to: date, tell: Callable[[date], None] | None = None, heads: Path | None = None
) -> Closed:
    """Close every business date before `to`; where none is open yet, open `to` and close nothing.

    `tell` hears each date as it was closed; the heads of both chains are written to the folder
    `heads` after each. Two at once share the work and close each day once.
    """
    closed = Closed(0, {})
    if open_business_date() is None:
        open_first_day(OpenFirstDay(on=to), _call(to, "first"))
        _make_room(to)
    while (on := open_business_date()) is not None:
        # What a run that was killed, or refused, left of the month that closed last.
        _put_forward(on - timedelta(days=1), closed)
        if on >= to:
            break
        try:
            _close(on, closed)
        except NotTheBusinessDate:
            continue  # another run has just closed it
        if heads:
            _keep_heads(on, heads)
        if tell:
            tell(on)
    return closed


def _close(on: date, closed: Closed) -> None:
    """Close one business date, taking up whatever an earlier run left."""
    closed.add("reset", lambda: RESET_RATES(on))
    closed.add("recall", lambda: CARRY_OUT_RECALLS(on))
    closed.add("collect", lambda: _collect(on))
    closed.add("plan", lambda: _plan(on))
    for step in Step:
        closed.add(step, partial(run_step, step, on))
    closed.add("expire", lambda: _expire(on))
    closed.add("exposures", lambda: _settle(on))
    closed.add("book", lambda: book_day(BookDay(on=on), _call(on, "book")).changed)
    closed.add(
        "snapshot", lambda: take_snapshot(TakeSnapshot(on=on), _call(on, "snapshot")).changed
    )
    if (on + timedelta(days=1)).day == 1:
        closed.add("month", lambda: take_month(TakeMonth(on=on), _call(on, "month")).changed)
        closed.add("report", lambda: report_month(ReportMonth(on=on), _call(on, "report")).changed)
    close_day(CloseDay(on=on), _call(on, "close"))
    _make_room(on + timedelta(days=1))
    _put_forward(on, closed)
    if (on + timedelta(days=1)).day == 1:
        # The date is closed by then; a month that is not counted now is at the next month's end.
        closed.add("models", lambda: WATCH_MODELS(on))
    closed.add("reset", lambda: RESET_RATES(on + timedelta(days=1)))
    closed.add("recall", lambda: CARRY_OUT_RECALLS(on + timedelta(days=1)))
    closed.add("debit", lambda: COLLECT_BY_DEBIT(on + timedelta(days=1)))
    closed.days += 1


def _put_forward(on: date, closed: Closed) -> None:
    """Have the allowance of the month that ended on `on` wait for a person, where it does not yet.

    The next date is open by then: nobody waits for the valuation but the close of that date.
    """
    if (on + timedelta(days=1)).day != 1 or is_valued(on):
        return
    call = _call(on, "allowance")
    # Refused where loans of a new kind are being lent, unreadable where a loan contradicts itself:
    # neither stops a close. The next run asks again, and staff see what is not valued.
    try:
        closed.add("allowance", lambda: prepare_allowance(PrepareAllowance(on=on), call).loans)
    except (Refusal, DataError) as reason:
        _log.warning("the allowance of %s is not valued yet: %s", on, type(reason).__name__)


def _collect(on: date) -> int:
    """Pay what the wallets of willing borrowers can; return how many paid."""
    collected = 0
    for item in list_collectable(on):
        command = Repay(loan_id=item.loan_id, party_id=item.party_id, amount=item.amount)
        try:
            repay(command, _call(on, f"collect:{item.loan_id}"))
            collected += 1
        except Refusal:
            continue  # the borrower paid or spent it a moment ago; the next day tries again
    return collected


def _plan(on: date) -> int:
    """Cut the day into chunks, where that is not done; return how many chunks were planned."""
    if planned_chunks(on):
        return 0
    return plan_day(PlanDay(on=on, loans_per_chunk=LOANS_PER_CHUNK), _call(on, "plan")).chunks


def run_step(step: Step, on: date, *, backwards: bool = False) -> int:
    """Take free chunks of a step until all are done, by whomever; return how many rows changed."""
    changed = 0
    while True:
        number = free_chunk(on, step, backwards=backwards)
        if number is not None:
            key = _call(on, f"{step}:{number}")
            changed += close_chunk(Chunk(on=on, step=step, number=number), key).changed
        elif chunks_left(on, step):
            time.sleep(PAUSE)  # others have the last ones under way
        else:
            return changed


@contextmanager
def helpers(to: date, count: int) -> Iterator[list[BaseProcess]]:
    """Have so many processes more take chunks of the days before `to`; they end with the block."""
    connection.close()  # a connection cannot be shared with them
    context = multiprocessing.get_context("fork")
    parent = os.getpid()
    made = [context.Process(target=_help, args=(to, parent), daemon=True) for _ in range(count)]
    for one in made:
        one.start()
    try:
        yield list(made)
    finally:
        for one in made:
            one.terminate()
            one.join()


def _help(to: date, parent: int) -> None:
    """Take chunks of every day that is planned, from the last one down, while the parent lives."""
    while os.getppid() == parent and (on := open_business_date()) is not None and on < to:
        if planned_chunks(on):
            for step in Step:
                run_step(step, on, backwards=True)
        time.sleep(PAUSE)


def _make_room(on: date) -> None:
    """Open the books' coming months; where readers stand in the way, the next day tries again."""
    with suppress(OperationalError):
        open_months(on)


def _keep_heads(on: date, folder: Path) -> None:
    """Seal what stands in both chains, and write where they end."""
    while audit.seal():
        pass
    seal_what_stands()
    write_heads(on, folder)


def _expire(on: date) -> int:
    """Let offers end whose last day is `on`: as the next day sees them, chunk by chunk."""
    count = 0
    for chunk in itertools.count():
        call = replace(_call(on, f"expire:{chunk}"), on=on + timedelta(days=1))
        expired = expire_offers(ExpireOffers(), call).count
        count += expired
        if expired < EXPIRED_AT_MOST:
            return count
    raise AssertionError


def _settle(on: date) -> int:
    """Count what was paid back off the concentration limits; return how many loans changed."""
    changed, after = 0, FIRST
    while True:
        found = list_unsettled(after, limit=SETTLED_AT_ONCE)
        loans = tuple(Lent(agreement_id=one, principal=owed) for one, owed in found)
        # What is to be counted is its own key: taken up after a kill, the rest is another request.
        digest = hashlib.sha256(repr(found).encode()).hexdigest()[:32]
        done = settle_exposures(SettleExposures(loans=loans), _call(on, f"exposures:{digest}"))
        changed += done.changed
        if len(found) < SETTLED_AT_ONCE:
            return changed
        after = found[-1][0]


def _call(on: date, key: str) -> Call:
    return Call(actor=ACTOR, key=f"{on.isoformat()}:{key}", at=clock.now(), on=on)


def command(
    to: Annotated[
        str, typer.Option("--to", help="The business date to arrive at; default: today in China.")
    ] = "",
    workers: Annotated[
        int, typer.Option(min=1, help="Processes that share the chunks of each day.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Close business days one by one until the business date is DATE."""
    target = _date(to)
    start = open_business_date() or target
    if target < start:
        # A day that was closed stays closed: nothing to do is not an error.
        print(f"the business date is {start.isoformat()} already", file=sys.stderr)
    with helpers(target, workers - 1):
        closed = _with_progress(start, target, quiet=as_json)
    standing = open_business_date()
    assert standing is not None
    if as_json:
        document = {
            "from": start.isoformat(),
            "business_date": standing.isoformat(),
            "days": closed.days,
            "changed": dict(sorted(closed.changed.items())),
            "seconds": {step: round(taken, 3) for step, taken in sorted(closed.seconds.items())},
            "parked": count_parked(),
        }
        print(json.dumps(document))
        return
    print(f"{closed.days} business days closed; the business date is {standing.isoformat()}")
    for name, count in closed.changed.items():
        print(f"  {name:<10}{count:>12,}{closed.seconds[name]:>10.2f} s")
    if parked := count_parked():
        print(f"{parked} loans stand aside; staff see why on the page of the day's close")


def _with_progress(start: date, target: date, *, quiet: bool) -> Closed:
    if quiet or not sys.stderr.isatty():
        return catch_up(target, heads=settings.PLACES.heads)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    from rich.console import Console  # noqa: PLC0415 - only where somebody watches

    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(start.isoformat(), total=max(0, (target - start).days))

        def tell(on: date) -> None:
            bar.update(task, advance=1, description=(on + timedelta(days=1)).isoformat())

        return catch_up(target, tell, settings.PLACES.heads)


def _date(given: str) -> date:
    if not given:
        return clock.calendar_date()
    try:
        return date.fromisoformat(given)
    except ValueError:
        print(f"--to is {given!r}; allowed: a date such as 2026-01-31", file=sys.stderr)
        raise typer.Exit(2) from None
