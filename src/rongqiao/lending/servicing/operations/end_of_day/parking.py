"""A loan that a step cannot take is put aside with the reason, and never stops the others."""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError

from rongqiao.lending.servicing.models.closing_days import ParkedLoan
from rongqiao.lending.servicing.operations.end_of_day.steps import (
    BODIES,
    Parameters,
    PlanBroken,
    Step,
    Work,
    rows_of,
)
from rongqiao.platform.operations import Call, undone_if_it_fails

LONGEST_REASON = 300
_ALL = """SELECT id FROM servicing_loan WHERE state = ANY(%(live)s) AND id >= %(first)s
  AND (%(before)s::uuid IS NULL OR id < %(before)s::uuid) AND id <> ALL(%(parked)s::uuid[])
ORDER BY id"""


def parked_between(first: Any, before: Any) -> list[Any]:
    """Return the loans of a chunk that stand aside."""
    parked = ParkedLoan.objects.filter(released_at=None, loan_id__gte=first)
    if before is not None:
        parked = parked.filter(loan_id__lt=before)
    return list(parked.values_list("loan_id", flat=True))


def work_or_park(
    step: Step, ids: list[Any] | None, parameters: Parameters, call: Call
) -> tuple[Work, int]:
    """Run a step over loans (None: all of the chunk); return its work and how many were parked.

    Where it fails, the loans are halved until those that make it fail stand alone. A lost
    connection or a deadlock is no loan's fault and goes on up.
    """
    work = Work(0, {})
    try:
        with undone_if_it_fails():
            BODIES[step](parameters | {"ids": ids}, work, call)
    except (OperationalError, InterfaceError):
        raise
    except (DatabaseError, PlanBroken) as error:
        if ids is None:
            ids = [loan for (loan,) in rows_of(_ALL, parameters)]
        if len(ids) == 1:
            _park(step, ids[0], reason_of(error), call)
            return Work(0, {}), 1
    else:
        return work, 0
    work, parked = Work(0, {}), 0
    for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
        done, aside = work_or_park(step, half, parameters, call)
        work.take(done)
        parked += aside
    return work, parked


def reason_of(error: Exception) -> str:
    """Return what went wrong in one line, without the row's contents."""
    told = getattr(getattr(error.__cause__, "diag", None), "message_primary", None)
    return str(told or error)[:LONGEST_REASON]


def _park(step: Step, loan_id: Any, reason: str, call: Call) -> None:
    ParkedLoan.objects.create(
        loan_id=loan_id, on=call.on, step=step, reason=reason, parked_at=call.at
    )
