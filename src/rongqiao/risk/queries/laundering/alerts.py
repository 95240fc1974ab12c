"""Alerts as compliance reads them: the queue by deadline, one alert side by side, figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.laundering.names.matching import Listed
from rongqiao.risk.models.laundering.casework import LaunderingAlert, ListVersion
from rongqiao.risk.queries.laundering.candidates import listed_of
from rongqiao.risk.queries.laundering.opening import plain_of, text_of

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class AlertView:
    """One line of the queue. `kind` is `name` or a pattern; `list_code` is of a name's list."""

    id: UUID
    number: str
    party_id: UUID
    kind: str
    part: str
    score: Decimal
    state: str
    raised_at: datetime
    due_on: date
    decided_by: str
    decided_at: datetime | None
    case_id: UUID | None
    list_code: str


@dataclass(frozen=True, kw_only=True)
class AlertInFull:
    """An alert with its evidence; `listed` and `list_kind` are of a name's entry."""

    head: AlertView
    evidence: dict[str, Any]
    reason: str
    listed: Listed | None
    list_kind: str
    is_in_force: bool = field(default=True)


@dataclass(frozen=True, kw_only=True)
class MonthFigures:
    """What was raised in a month (its first day), and what became of it."""

    month: date
    kind: str
    raised: int
    false: int
    pursued: int
    open: int


def list_alerts(
    *,
    state: str = "open",
    kind: str = "",
    aside: Collection[UUID] = (),
    after: int = 0,
    limit: int = PAGE,
) -> tuple[AlertView, ...]:
    """Return alerts, what is due first at the top; `after` leaves out so many.

    Those of the parties in `aside` are left out: an officer's own affairs.
    """
    rows = _found(state, kind, aside).select_related("entry").order_by("due_on", "id")
    return tuple(_view(row) for row in rows[after : after + limit])


def count_alerts(*, state: str = "open", kind: str = "", aside: Collection[UUID] = ()) -> int:
    """Return how many alerts there are."""
    return _found(state, kind, aside).count()


def overdue_alerts(on: date, aside: Collection[UUID] = ()) -> int:
    """Return how many open alerts are past their day."""
    return _found("open", "", aside).filter(due_on__lt=on).count()


def next_alert(aside: Collection[UUID] = ()) -> UUID | None:
    """Return the open alert that is due first."""
    rows = _found("open", "", aside).order_by("due_on", "id")
    return rows.values_list("pk", flat=True).first()


def alerts_of(party_id: UUID) -> tuple[AlertView, ...]:
    """Return a party's alerts, newest first."""
    rows = LaunderingAlert.objects.filter(party_id=party_id).select_related("entry")
    return tuple(_view(row) for row in rows.order_by("-raised_at", "-id")[:PAGE])


def alerts_in_case(case_id: UUID) -> tuple[AlertView, ...]:
    """Return the alerts that a case took in, oldest first."""
    rows = LaunderingAlert.objects.filter(case_id=case_id).select_related("entry")
    return tuple(_view(row) for row in rows.order_by("raised_at", "id"))


def get_alert(alert_id: UUID) -> AlertInFull:
    """Return an alert in full; raises NotFound."""
    row = LaunderingAlert.objects.filter(pk=alert_id).select_related("entry").first()
    if row is None:
        raise NotFound
    evidence = plain_of(row.evidence_sealed, "launderingalert", "evidence_sealed", row.pk)
    reason = text_of(row.reason_sealed, "launderingalert", "reason_sealed", row.pk)
    kinds: Iterable[str] = ()
    if row.entry is not None:
        versions = ListVersion.objects.filter(code=row.entry.code).order_by("-number")
        kinds = versions.values_list("kind", flat=True)[:1]
    return AlertInFull(
        head=_view(row),
        evidence=evidence,
        reason=reason,
        listed=listed_of(row.entry) if row.entry is not None else None,
        list_kind=next(iter(kinds), ""),
        is_in_force=row.entry is None or row.entry.until is None,
    )


def months(since: date, aside: Collection[UUID] = ()) -> tuple[MonthFigures, ...]:
    """Return figures by month and kind from the month of `since` on, in one query."""
    rows = (
        _found("", "", aside)
        .filter(raised_on__gte=since.replace(day=1))
        .values("raised_on__year", "raised_on__month", "kind")
        .annotate(
            raised=Count("pk"),
            false=Count("pk", filter=Q(state="false")),
            pursued=Count("pk", filter=Q(state="case")),
            open=Count("pk", filter=Q(state="open")),
        )
        .order_by("raised_on__year", "raised_on__month", "kind")
    )
    return tuple(
        MonthFigures(
            month=date(row["raised_on__year"], row["raised_on__month"], 1),
            kind=row["kind"],
            raised=row["raised"],
            false=row["false"],
            pursued=row["pursued"],
            open=row["open"],
        )
        for row in rows
    )


def _found(state: str, kind: str, aside: Collection[UUID]) -> QuerySet[LaunderingAlert]:
    rows = LaunderingAlert.objects.exclude(party_id__in=list(aside))
    if state:
        rows = rows.filter(state=state)
    if kind == "patterns":
        return rows.exclude(kind="name")
    return rows.filter(kind=kind) if kind else rows


def _view(row: LaunderingAlert) -> AlertView:
    return AlertView(
        id=row.pk,
        number=row.number,
        party_id=row.party_id,
        kind=row.kind,
        part=row.part,
        score=row.score,
        state=row.state,
        raised_at=row.raised_at,
        due_on=row.due_on,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        case_id=row.case_id,
        list_code=row.entry.code if row.entry is not None else "",
    )
