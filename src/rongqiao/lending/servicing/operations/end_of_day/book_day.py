"""Post what a closing day added to the loans: one journal per product and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.operations.end_of_day.close_chunk import Done
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal


class DayUnfinished(Refusal):
    """A step of the closing day still has chunks to do; `left` counts them."""

    code = "servicing.day-unfinished"


@dataclass(frozen=True, kw_only=True)
class BookDay:
    """The closing business date."""

    on: date


@operation("servicing.book-day", restore=Done)
def book_day(command: BookDay, call: Call) -> Done:
    """Book the day's chunks. Raises DayUnfinished while one of them is still to do."""
    steps = list(
        EndOfDayStep.objects.select_for_update()
        .filter(on=command.on, booked_at=None)
        .order_by("id")
    )
    if left := sum(step.done_at is None for step in steps):
        raise DayUnfinished(on=command.on.isoformat(), left=str(left))
    totals: dict[str, dict[str, int]] = {}
    for step in steps:
        for product, added in step.totals.items():
            of_product = totals.setdefault(product, {})
            for bucket, minor in added.items():
                of_product[bucket] = of_product.get(bucket, 0) + minor
    journals = [
        postings.day_of_product(product, command.on, totals[product]) for product in sorted(totals)
    ]
    if journals:
        post(journals, call)
    EndOfDayStep.objects.filter(pk__in=[step.pk for step in steps]).update(booked_at=call.at)
    return Done(changed=len(journals))
