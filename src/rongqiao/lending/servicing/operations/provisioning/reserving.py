"""What the allowance holds and what moves it: plain functions, called inside an operation."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from rongqiao.lending.servicing.models.allowance import AllowanceEntry
from rongqiao.platform.operations import Call, inside_operation


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
