"""What the chunked steps of a closing day share: claim, lock the loans, run, mark done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import LIVE
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Refusal


class DayNotPlanned(Refusal):
    """The chunk is not part of a planned day, or an earlier step of the day is not done."""

    code = "servicing.day-not-planned"


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """One chunk of loans on one closing business date."""

    on: date
    number: int


@dataclass(frozen=True, kw_only=True)
class Done:
    """How many rows the chunk changed; 0 when it had been done before."""

    changed: int


@dataclass
class Work:
    """What a step's SQL reports: rows changed, and fen added by product and bucket."""

    changed: int
    totals: dict[str, dict[str, int]]

    def add(self, product: str, bucket: str, minor: int) -> None:
        """Count `minor` fen into `bucket` of `product`."""
        if minor:
            of_product = self.totals.setdefault(product, {})
            of_product[bucket] = of_product.get(bucket, 0) + minor


Body = Callable[[dict[str, Any], Work], None]


def run_chunk(step: str, command: Chunk, call: Call, body: Body) -> Done:
    """Run `body` once over the live loans of the chunk, locked in order of id.

    `body` gets the SQL parameters on (closing date), opening (the day after), first, before and
    live, and adds to the Work. Raises DayNotPlanned.
    """
    row = (
        EndOfDayStep.objects.select_for_update()
        .filter(on=command.on, step=step, chunk=command.number)
        .first()
    )
    if row is None:
        raise DayNotPlanned(on=command.on.isoformat(), step=step)
    if row.done_at is not None:
        return Done(changed=0)
    parameters: dict[str, Any] = {
        "on": command.on,
        "opening": command.on + timedelta(days=1),
        "at": call.at,
        "first": row.first_loan,
        "before": row.before_loan,
        "live": list(LIVE),
    }
    work = Work(0, {})
    with connection.cursor() as cursor:
        # A statement of its own: the next one then sees what a repayment committed meanwhile.
        cursor.execute(_LOCK, parameters)
    body(parameters, work)
    row.done_at, row.changed, row.totals = call.at, work.changed, work.totals
    row.save(update_fields=["done_at", "changed", "totals"])
    return Done(changed=work.changed)


def rows_of(query: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return list(cursor.fetchall())


def statement(name: str) -> str:
    """Return the SQL of a step, from its file."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text()


_LOCK = statement("lock")
