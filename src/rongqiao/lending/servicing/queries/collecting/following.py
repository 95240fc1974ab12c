"""Which cases and loans the day's work has to look at: what no event told."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef

from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.lending.servicing.models.loans import Loan

AT_ONCE = 500


def open_case_of(loan_id: UUID) -> UUID | None:
    """Return the case of a loan that is not closed, if it has one."""
    cases = CollectionCase.objects.filter(loan_id=loan_id).exclude(state="closed")
    return cases.values_list("pk", flat=True).first()


def loans_without_case() -> tuple[UUID, ...]:
    """Return up to AT_ONCE overdue loans that have no open case."""
    standing = CollectionCase.objects.filter(loan=OuterRef("pk")).exclude(state="closed")
    late = Loan.objects.filter(~Exists(standing), state="overdue")
    return tuple(late.values_list("pk", flat=True)[:AT_ONCE])


def cases_left_behind() -> tuple[UUID, ...]:
    """Return up to AT_ONCE open cases whose loan is no longer overdue."""
    cases = CollectionCase.objects.exclude(state="closed").exclude(loan__state="overdue")
    return tuple(cases.values_list("pk", flat=True)[:AT_ONCE])
