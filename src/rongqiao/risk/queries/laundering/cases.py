"""Cases and reports as compliance reads them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from rongqiao.finance.money import Money
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.laundering.casework import CaseNote, LaunderingCase, LaunderingReport
from rongqiao.risk.queries.laundering.opening import plain_of, text_of

PAGE = 50
OPEN = ("open", "taken", "escalated")


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """One line of the cases. `officer`, `proposed_by` and `decided_by` are actors."""

    id: UUID
    number: str
    party_id: UUID
    state: str
    opened_at: datetime
    due_on: date
    officer: str
    proposed: str
    proposed_by: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class NoteView:
    """One note on a case, opened."""

    step: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """One line of the reports; `content` is opened by `get_report` alone."""

    id: UUID
    number: str
    kind: str
    party_id: UUID
    case_id: UUID | None
    feature: str
    is_in: bool
    amount: Money
    movements: int
    happened_on: date
    due_on: date
    state: str
    filed_by: str
    filed_at: datetime | None
    receipt: str


def list_cases(
    *, state: str = "", aside: Collection[UUID] = (), after: int = 0, limit: int = PAGE
) -> tuple[CaseView, ...]:
    """Return cases, what is due first at the top; without a state those that are not ended.

    Those of the parties in `aside` are left out: an officer's own affairs.
    """
    rows = _cases(state, aside)
    return tuple(_case(row) for row in rows.order_by("due_on", "id")[after : after + limit])


def count_cases(*, state: str = "", aside: Collection[UUID] = ()) -> int:
    """Return how many cases there are in a state, or that are not ended."""
    return _cases(state, aside).count()


def get_case(case_id: UUID) -> CaseView:
    """Return a case; raises NotFound."""
    row = LaunderingCase.objects.filter(pk=case_id).first()
    if row is None:
        raise NotFound
    return _case(row)


def notes_of(case_id: UUID) -> tuple[NoteView, ...]:
    """Return what was written on a case, oldest first."""
    rows = CaseNote.objects.filter(case_id=case_id).order_by("at", "id")
    return tuple(
        NoteView(
            step=row.step,
            text=text_of(row.text_sealed, "casenote", "text_sealed", row.pk),
            by=row.by,
            at=row.at,
        )
        for row in rows
    )


def open_case_of(party_id: UUID) -> UUID | None:
    """Return the case that a party has open, if any."""
    rows = LaunderingCase.objects.filter(party_id=party_id, state__in=OPEN)
    return rows.values_list("pk", flat=True).first()


def list_reports(
    *, state: str = "prepared", aside: Collection[UUID] = (), after: int = 0, limit: int = PAGE
) -> tuple[ReportView, ...]:
    """Return reports in a state, what is due first at the top."""
    rows = _reports(state, aside).order_by("due_on", "id")
    return tuple(_report(row) for row in rows[after : after + limit])


def count_reports(*, state: str = "prepared", aside: Collection[UUID] = ()) -> int:
    """Return how many reports are in a state."""
    return _reports(state, aside).count()


def overdue_reports(on: date, aside: Collection[UUID] = ()) -> int:
    """Return how many reports that were not filed are past their day."""
    return _reports("prepared", aside).filter(due_on__lt=on).count()


def report_of_case(case_id: UUID) -> UUID | None:
    """Return the report that a case led to, if any."""
    return LaunderingReport.objects.filter(case_id=case_id).values_list("pk", flat=True).first()


def get_report(report_id: UUID) -> tuple[ReportView, dict[str, Any]]:
    """Return a report and what its file says; raises NotFound."""
    row = LaunderingReport.objects.filter(pk=report_id).first()
    if row is None:
        raise NotFound
    content = plain_of(row.content_sealed, "launderingreport", "content_sealed", row.pk)
    return _report(row), content


def _cases(state: str, aside: Collection[UUID]) -> QuerySet[LaunderingCase]:
    rows = LaunderingCase.objects.filter(state__in=[state] if state else OPEN)
    return rows.exclude(party_id__in=list(aside))


def _reports(state: str, aside: Collection[UUID]) -> QuerySet[LaunderingReport]:
    return LaunderingReport.objects.filter(state=state).exclude(party_id__in=list(aside))


def _case(row: LaunderingCase) -> CaseView:
    return CaseView(
        id=row.pk,
        number=row.number,
        party_id=row.party_id,
        state=row.state,
        opened_at=row.opened_at,
        due_on=row.due_on,
        officer=row.officer,
        proposed=row.proposed,
        proposed_by=row.proposed_by,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def _report(row: LaunderingReport) -> ReportView:
    return ReportView(
        id=row.pk,
        number=row.number,
        kind=row.kind,
        party_id=row.party_id,
        case_id=row.case_id,
        feature=row.feature,
        is_in=row.is_in,
        amount=Money(row.amount_minor),
        movements=row.movements,
        happened_on=row.happened_on,
        due_on=row.due_on,
        state=row.state,
        filed_by=row.filed_by,
        filed_at=row.filed_at,
        receipt=row.receipt,
    )
