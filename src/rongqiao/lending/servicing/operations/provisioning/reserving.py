"""What the allowance holds and what moves it: plain functions, called inside an operation."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from rongqiao.lending.servicing.models.allowance import AllowanceEntry, AllowanceRun
from rongqiao.platform.operations import Call, inside_operation
from rongqiao.platform.refusals import Refusal


class DayValued(Refusal):
    """The day ended and its valuation is booked: what comes now is of the next one; fact: `on`."""

    code = "servicing.day-valued"


def hold_allowance_on(on: date) -> None:
    """Hold the allowance to draw from it or give to it on a date. Raises DayValued.

    A request read the business date before it came here; the valuation of that date may be booked
    since, and leads to the next one by what came after.
    """
    hold_allowance()
    if AllowanceRun.objects.filter(state="approved", on__gte=on).exists():
        raise DayValued(on=on.isoformat())


def hold_allowance() -> None:
    """Let nobody else move any allowance until the operation ends.

    One lock for all of them: they move a few times a month. It is taken after the loan's own.
    """
    assert inside_operation(), "an allowance held outside an operation"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('servicing.allowance', 0))")


def allowance_of(product_code: str) -> int:
    """Return what a product's allowance holds now, in fen; held by `hold_allowance` before."""
    rows = AllowanceEntry.objects.filter(product_code=product_code)
    return rows.aggregate(held=Sum("minor"))["held"] or 0


def entry(
    kind: str, product_code: str, minor: int, cause: tuple[UUID, date, int], call: Call
) -> AllowanceEntry:
    """Return the line, unsaved, of what moved an allowance: by which cause, day and journal."""
    cause_id, on, journal = cause
    return AllowanceEntry(
        kind=kind,
        product_code=product_code,
        minor=minor,
        cause_id=cause_id,
        on=on,
        journal_id=journal,
        booked_at=call.at,
    )
