"""Set the platform's first business date; from then on only end of day moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class OpenFirstDay:
    """The date to begin with."""

    on: date


@dataclass(frozen=True, kw_only=True)
class BusinessDay:
    """The business date now open."""

    on: date


@operation("servicing.open-first-day", restore=BusinessDay)
def open_first_day(command: OpenFirstDay, call: Call) -> BusinessDay:  # noqa: ARG001
    """Open `command.on` where no business date is set; return the one that is."""
    with connection.cursor() as cursor:
        # What is lent now either gets its day here or sees the date.
        cursor.execute("SELECT servicing_hold_days()")
    row, _ = BusinessDate.objects.get_or_create(pk=1, defaults={"on": command.on})
    Loan.objects.filter(accrued_on=None).update(accrued_on=row.on)
    return BusinessDay(on=row.on)
