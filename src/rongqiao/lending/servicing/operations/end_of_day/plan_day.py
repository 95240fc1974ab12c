"""Cut a closing day into steps over chunks of loans, so that it can stop and resume anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import LIVE
from rongqiao.lending.servicing.operations.end_of_day.steps import Step
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal

LOANS_PER_CHUNK = 10_000


class NotTheBusinessDate(Refusal):
    """Only the open business date can be closed; `open` names it."""

    code = "servicing.not-the-business-date"


@dataclass(frozen=True, kw_only=True)
class PlanDay:
    """The business date to close, and how many loans one operation may take."""

    on: date
    loans_per_chunk: int = LOANS_PER_CHUNK


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many chunks each step has."""

    on: date
    chunks: int


@operation("servicing.plan-day", restore=Plan)
def plan_day(command: PlanDay, call: Call) -> Plan:  # noqa: ARG001
    """Write down the work of closing `command.on`. Raises NotTheBusinessDate."""
    open_day = BusinessDate.objects.select_for_update().filter(pk=1).first()
    if open_day is None or open_day.on != command.on:
        standing = open_day.on.isoformat() if open_day else ""
        raise NotTheBusinessDate(on=command.on.isoformat(), open=standing)
    planned = EndOfDayStep.objects.filter(on=command.on, step=Step.ACCRUE).count()
    if planned:
        return Plan(on=command.on, chunks=planned)
    starts = _starts(command.loans_per_chunk)
    with connection.cursor() as cursor:
        # Whoever changes a loan now is let finish: the chunks see all that came before them.
        cursor.execute("SELECT servicing_hold_days()")
    EndOfDayStep.objects.bulk_create(
        EndOfDayStep(
            on=command.on,
            step=step,
            chunk=number,
            first_loan=first,
            before_loan=starts[number + 1] if number + 1 < len(starts) else None,
        )
        for step in Step
        for number, first in enumerate(starts)
    )
    return Plan(on=command.on, chunks=len(starts))


def _starts(size: int) -> list[UUID]:
    """Return where each chunk begins; the first takes in all ids below its first loan's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM (
                  SELECT id, row_number() OVER (ORDER BY id) AS place FROM servicing_loan
                  WHERE state = ANY(%s)) AS placed
                WHERE place %% %s = 1 %% %s AND place > 1 ORDER BY id""",
            [list(LIVE), size, size],
        )
        return [UUID(int=0), *(row[0] for row in cursor.fetchall())]
