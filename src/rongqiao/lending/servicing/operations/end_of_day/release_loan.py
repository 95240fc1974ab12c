"""Let a parked loan take part again, and make up the days it missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, InterfaceError, OperationalError

from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep, ParkedLoan
from rongqiao.lending.servicing.models.loans import LIVE, Loan
from rongqiao.lending.servicing.operations.end_of_day.parking import reason_of
from rongqiao.lending.servicing.operations.end_of_day.steps import (
    BODIES,
    PlanBroken,
    Step,
    Work,
)
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import Call, operation, undone_if_it_fails
from rongqiao.platform.refusals import Refusal


class NotParked(Refusal):
    """The loan does not stand aside, or somebody has just released it."""

    code = "servicing.not-parked"


class StillBroken(Refusal):
    """The loan fails as before; `reason` says how. It stays parked."""

    code = "servicing.still-broken"


class CloseUnderWay(Refusal):
    """The business date is being closed; a loan is released before or after."""

    code = "servicing.close-under-way"


@dataclass(frozen=True, kw_only=True)
class ReleaseLoan:
    """The loan to take back."""

    loan_id: UUID


@dataclass(frozen=True, kw_only=True)
class Released:
    """How many business dates were made up."""

    loan_id: UUID
    days: int


@operation("servicing.release-loan", restore=Released)
def release_loan(command: ReleaseLoan, call: Call) -> Released:
    """Run every missed date's steps on the loan alone, book what they add, and end its parking.

    Interest, falling due and ageing come out as if no day had been missed. Penalty interest is
    that of what is unpaid now: a payment made meanwhile counts for the borrower. Raises NotParked,
    CloseUnderWay, StillBroken.
    """
    loan = Loan.objects.select_for_update(no_key=True).filter(pk=command.loan_id).first()
    business = BusinessDate.objects.select_for_update().get(pk=1)
    if EndOfDayStep.objects.filter(on=business.on).exists():
        raise CloseUnderWay(on=business.on.isoformat())
    parked = (
        ParkedLoan.objects.select_for_update()
        .filter(loan_id=command.loan_id, released_at=None)
        .first()
    )
    if parked is None or loan is None:
        raise NotParked(loan=str(command.loan_id))
    work, days = Work(0, {}), (business.on - parked.on).days
    for missed in (parked.on + timedelta(days=n) for n in range(days)):
        steps = [step for step in Step if step is not Step.ACCRUE or parked.booked_to <= missed]
        _make_up(loan, missed, steps, work, call)
    journals = [
        postings.charges(f"{loan.number}:{parked.on}", product, added, business.on)
        for product, added in work.totals.items()
    ]
    if journals:
        post(journals, call)
    parked.released_at, parked.released_by = call.at, call.actor
    parked.save(update_fields=["released_at", "released_by"])
    return Released(loan_id=command.loan_id, days=days)


def _make_up(loan: Loan, on: date, steps: Sequence[Step], work: Work, call: Call) -> None:
    parameters: dict[str, Any] = {
        "on": on,
        "opening": on + timedelta(days=1),
        "at": call.at,
        "first": loan.pk,
        "before": None,
        "live": list(LIVE),
        "parked": [],
        "ids": [loan.pk],
    }
    for step in steps:
        try:
            with undone_if_it_fails():
                BODIES[step](parameters, work, call)
        except (OperationalError, InterfaceError):
            raise
        except (DatabaseError, PlanBroken) as error:
            raise StillBroken(reason=reason_of(error)) from error
