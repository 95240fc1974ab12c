"""The reviewers' queue: whose time is over first, then what goes first, then nearest the line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, When
from django.db.models.functions import Abs

from rongqiao.lending.origination.conduct.queueing import QUEUED
from rongqiao.lending.origination.models import Application, Decision, Review
from rongqiao.lending.origination.models.desk import DocumentRequest
from rongqiao.lending.origination.queries.applications import (
    ApplicationRow,
    ReasonView,
    application_row,
    reasons_of,
)
from rongqiao.lending.products.queries import VersionView, get_versions
from rongqiao.parties.queries import PartyView, get_parties, list_grants
from rongqiao.policies.roles import Role

PAGE = 50
SORTS = ("", "due", "margin", "amount", "age")
LATE, SOON = "late", "soon"
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class QueueFilters:
    """What the queue is narrowed to; empty means everything.

    `time` is `late` or `soon` (due within a day); `documents` is `waiting` or `here`; with
    `reviewer_id`, only those that officer has in hand.
    """

    stage: str = ""
    reviewer_id: UUID | None = None
    is_free: bool = False
    is_asked: bool = False
    time: str = ""
    documents: str = ""
    number: str = ""
    sort: str = ""


@dataclass(frozen=True, kw_only=True)
class WaitView:
    """How long a case waits, until when it should be decided, and how it stands.

    `margin` is points above the line of automatic approval; `failed` counts criteria not met.
    """

    stage: str
    is_asked: bool
    since_at: datetime
    due_at: datetime
    margin: int | None
    failed: int
    documents_due_on: date | None
    documents_missing: int
    documents_asked: int


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One case that waits for an officer. `reviewer_id` is who has it in hand.

    `goes_first_for` is the code of why it stands before longer waiting ones, if it does.
    """

    row: ApplicationRow
    party: PartyView
    wait: WaitView
    reviewer_id: UUID | None
    reasons: tuple[ReasonView, ...]
    score: int | None
    goes_first_for: str


@dataclass(frozen=True, kw_only=True)
class QueueCounts:
    """How many cases wait, in all and of each sort."""

    referred: int
    recommended: int
    late: int
    asked: int
    documents: int
    free: int


@dataclass(frozen=True, kw_only=True)
class Load:
    """What a reviewer has in hand: cases, those whose time is over, those waiting for documents."""

    reviewer_id: UUID
    cases: int
    late: int
    documents: int


def list_queue(
    filters: QueueFilters, at: datetime, *, start: int = 0, limit: int = PAGE
) -> tuple[QueueRow, ...]:
    """Return cases of the queue from the `start`-th on, in seven queries however many.

    Cases that wait for their borrower's documents come last until their time is over.
    """
    rows = list(_rows(filters, at)[start : start + limit])
    versions = get_versions(row.version_id for row in rows)
    parties = get_parties(row.party_id for row in rows)
    return tuple(_queue_row(row, versions[row.version_id], parties[row.party_id]) for row in rows)


def count_queued(filters: QueueFilters, at: datetime) -> int:
    """Return how many cases `list_queue` would list in all."""
    found: int = _narrowed(Application.objects.all(), filters, at).count()
    return found


def next_in_queue(filters: QueueFilters, at: datetime, besides: UUID) -> UUID | None:
    """Return the first case of the queue that is not `besides`; None where there is none."""
    first = _rows(filters, at).exclude(pk=besides).values_list("pk", flat=True).first()
    return None if first is None else UUID(str(first))


def count_queue(at: datetime) -> QueueCounts:
    """Return how many cases wait, in one query."""
    hand = Q(reviews__closed_at=None, reviews__isnull=False)
    counted = Application.objects.filter(state__in=QUEUED, wait__isnull=False).aggregate(
        referred=Count("pk", filter=Q(wait__stage="referred"), distinct=True),
        recommended=Count("pk", filter=Q(wait__stage="recommended"), distinct=True),
        late=Count("pk", filter=Q(wait__due_at__lt=at), distinct=True),
        asked=Count("pk", filter=Q(wait__is_asked=True), distinct=True),
        documents=Count("pk", filter=Q(wait__documents_due_on__isnull=False), distinct=True),
        in_hand=Count("pk", filter=Q(wait__stage="referred") & hand, distinct=True),
    )
    free = counted["referred"] - counted.pop("in_hand")
    return QueueCounts(free=free, **counted)


def reviewer_loads(at: datetime) -> tuple[Load, ...]:
    """Return what each reviewer has in hand, those with least first, in two queries."""
    held = {one.user_id for one in list_grants("confirmed") if one.role is Role.REVIEWER}
    counted = {
        one["reviewer_id"]: one
        for one in Review.objects.filter(closed_at=None)
        .values("reviewer_id")
        .annotate(
            cases=Count("pk"),
            late=Count("pk", filter=Q(application__wait__due_at__lt=at)),
            documents=Count("pk", filter=Q(application__wait__documents_due_on__isnull=False)),
        )
    }
    none = {"cases": 0, "late": 0, "documents": 0}
    loads = (
        Load(
            reviewer_id=user_id,
            **{name: counted.get(user_id, none)[name] for name in ("cases", "late", "documents")},
        )
        for user_id in held | counted.keys()
    )
    return tuple(sorted(loads, key=lambda one: (one.cases, str(one.reviewer_id))))


def wait_view(row: Any) -> WaitView | None:
    """Return how a case waits; `open_requests` are expected to be fetched along. None if not."""
    wait = getattr(row, "wait", None)
    if wait is None:
        return None
    asked = [one for request in row.open_requests for one in request.asked.all()]
    return WaitView(
        stage=wait.stage,
        is_asked=wait.is_asked,
        since_at=wait.since_at,
        due_at=wait.due_at,
        margin=wait.margin,
        failed=wait.failed,
        documents_due_on=wait.documents_due_on,
        documents_missing=sum(one.arrived_at is None for one in asked),
        documents_asked=len(asked),
    )


def with_open_request(rows: QuerySet[Application]) -> QuerySet[Application]:
    """Return the applications with their wait and their open request for documents."""
    opened = DocumentRequest.objects.filter(ended_at=None).prefetch_related("asked")
    return rows.select_related("wait").prefetch_related(
        Prefetch("document_requests", opened, to_attr="open_requests")
    )


def _rows(filters: QueueFilters, at: datetime) -> Any:
    rows = _narrowed(Application.objects.all(), filters, at)
    return (
        with_open_request(rows)
        .select_related("agreement")
        .prefetch_related(
            Prefetch("reviews", Review.objects.filter(closed_at=None), to_attr="open_reviews"),
            Prefetch(
                "decisions",
                Decision.objects.filter(stage="screening").order_by("-number"),
                to_attr="screenings",
            ),
        )
        .order_by(*_order(filters.sort, at))
    )


def _narrowed(
    rows: QuerySet[Application], filters: QueueFilters, at: datetime
) -> QuerySet[Application]:
    rows = rows.filter(state__in=QUEUED, wait__isnull=False).filter(_wanted(filters, at))
    if filters.reviewer_id is not None:
        # Both in one condition: of the same review.
        rows = rows.filter(reviews__reviewer_id=filters.reviewer_id, reviews__closed_at=None)
    if filters.is_free:
        taken = Review.objects.filter(closed_at=None).values("application_id")
        rows = rows.filter(wait__stage="referred").exclude(pk__in=taken)
    return rows


def _wanted(filters: QueueFilters, at: datetime) -> Q:
    """Return what is asked of a case itself."""
    wanted = Q()
    if filters.stage:
        wanted &= Q(wait__stage=filters.stage)
    if filters.number:
        wanted &= Q(number__icontains=filters.number)
    if filters.is_asked:
        wanted &= Q(wait__is_asked=True)
    if filters.time == LATE:
        wanted &= Q(wait__due_at__lt=at)
    elif filters.time == SOON:
        wanted &= Q(wait__due_at__gte=at, wait__due_at__lt=at + _A_DAY)
    if filters.documents:
        wanted &= Q(wait__documents_due_on__isnull=filters.documents != "waiting")
    return wanted


def _order(sort: str, at: datetime) -> tuple[Any, ...]:
    if sort == "due":
        return ("wait__due_at", "submitted_at", "id")
    if sort == "margin":
        return (F("wait__margin").desc(nulls_last=True), "submitted_at", "id")
    if sort == "amount":
        return ("-amount_minor", "id")
    if sort == "age":
        return ("submitted_at", "id")
    is_late = Q(wait__due_at__lt=at)
    goes_first = Q(wait__is_asked=True) | ~Q(goes_first_for="")
    waits = Q(wait__documents_due_on__isnull=False) & ~is_late
    return (
        Case(When(is_late, then=0), When(waits, then=2), default=1),
        Case(When(goes_first, then=0), default=1),
        Abs("wait__margin").asc(nulls_last=True),
        "wait__due_at",
        "submitted_at",
        "id",
    )


def _queue_row(row: Any, version: VersionView, party: PartyView) -> QueueRow:
    screening = row.screenings[0] if row.screenings else None
    wait = wait_view(row)
    assert wait is not None
    return QueueRow(
        row=application_row(row, version),
        party=party,
        wait=wait,
        reviewer_id=row.open_reviews[0].reviewer_id if row.open_reviews else None,
        reasons=reasons_of(screening) if screening else (),
        score=screening.score if screening else None,
        goes_first_for=row.goes_first_for,
    )
