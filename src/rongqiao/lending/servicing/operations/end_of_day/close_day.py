"""Move the business date, once everything the closing day asks for is done and booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.operations.end_of_day.book_day import DayUnfinished
from rongqiao.lending.servicing.operations.end_of_day.open_first_day import BusinessDay
from rongqiao.lending.servicing.operations.end_of_day.plan_day import NotTheBusinessDate
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class CloseDay:
    """The business date that ends."""

    on: date


@operation("servicing.close-day", restore=BusinessDay)
def close_day(command: CloseDay, call: Call) -> BusinessDay:  # noqa: ARG001
    """Open the day after `command.on`. Raises DayUnfinished, NotTheBusinessDate."""
    row = BusinessDate.objects.select_for_update().get(pk=1)
    if row.on != command.on:
        raise NotTheBusinessDate(on=command.on.isoformat(), open=row.on.isoformat())
    steps = EndOfDayStep.objects.filter(on=command.on)
    left = steps.filter(booked_at=None).count()
    if left or not steps.exists():
        raise DayUnfinished(on=command.on.isoformat(), left=str(left))
    row.on = command.on + timedelta(days=1)
    row.save(update_fields=["on"])
    return BusinessDay(on=row.on)
