"""Inquiries as pages show them: masked, paged, counted by month; in full only after a look."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from rongqiao.finance.money import Money
from rongqiao.finance.months import add_months
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.credit.sources import BY_CODE, Source
from rongqiao.risk.models.inquiries import Inquiry, InquiryLook
from rongqiao.risk.models.outcomes import UNKNOWN, Outcome
from rongqiao.risk.models.sealed_inquiries import unseal_answer

PAGE = 50
MOST_EXPORTED = 20_000
# How long a look on record opens the answer: for one reading, not for keeping the page.
LOOK_HOLDS = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class InquiryView:
    """One inquiry, masked. Money in yuan; `latency_ms` None until it ended."""

    id: UUID
    source: Source
    purpose: str
    purpose_id: UUID | None
    party_id: UUID
    subject: str
    consent_kind: str
    consent_version: str
    consent_sha256: str
    consented_at: datetime
    asked_by: str
    asked_at: datetime
    outcome: Outcome
    fault: str
    tries: int
    answered_at: datetime | None
    latency_ms: int | None
    cached_until: datetime | None
    charged: Money
    served_from: UUID | None
    instead_of: UUID | None
    answer_sha256: str

    @property
    def is_open(self) -> bool:
        """Tell whether its end is still unknown."""
        return self.outcome == Outcome.OPEN


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What of the list is wanted; empty takes everything. `month` is its first day."""

    source: str = ""
    outcome: str = ""
    month: date | None = None
    party_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class MonthCost:
    """What a source's inquiries of a month came to."""

    month: date
    source: Source
    asked: int
    served: int
    unanswered: int
    charged: Money


@dataclass(frozen=True, kw_only=True)
class LookView:
    """A look in full on record."""

    looked_by: str
    looked_at: datetime
    reason: str


def list_inquiries(
    wanted: Wanted, before: UUID | None = None, limit: int = PAGE
) -> tuple[InquiryView, ...]:
    """Return inquiries, newest first, those older than `before`, in one query."""
    rows = _wanted(wanted)
    if before is not None:
        # Ids carry the instant they were made at, so they are in order of asking.
        rows = rows.filter(pk__lt=before)
    return tuple(_view(row) for row in rows.order_by("-pk")[:limit])


def get_inquiry(inquiry_id: UUID) -> InquiryView:
    """Return one inquiry, masked; raises NotFound."""
    row = Inquiry.objects.filter(pk=inquiry_id).first()
    if row is None:
        raise NotFound(what="inquiry")
    return _view(row)


def inquiries_about(party_ids: Iterable[UUID], limit: int = MOST_EXPORTED) -> list[InquiryView]:
    """Return what was asked about parties, for themselves to see (PIPL art. 44 and 45)."""
    rows = Inquiry.objects.filter(party_id__in=set(party_ids)).order_by("-pk")
    return [_view(row) for row in rows[:limit]]


def answers_about(party_ids: Iterable[UUID], inquiry_ids: Iterable[UUID]) -> dict[UUID, Facts]:
    """Return the facts of inquiries about parties, by inquiry, for those parties to read.

    In one query; what was not answered is left out.
    """
    rows = Inquiry.objects.filter(
        party_id__in=set(party_ids), pk__in=set(inquiry_ids), outcome=Outcome.ANSWERED
    ).select_related("served_from")
    return {row.pk: _facts(row) for row in rows}


def answer_in_full(inquiry_id: UUID, look_id: UUID, actor: str, at: datetime) -> Facts:
    """Return an answer's facts to whoever has just put a look on record; raises NotFound."""
    look = InquiryLook.objects.filter(
        pk=look_id, inquiry_id=inquiry_id, looked_by=actor, looked_at__gt=at - LOOK_HOLDS
    ).first()
    row = Inquiry.objects.filter(pk=inquiry_id, outcome=Outcome.ANSWERED)
    found = row.select_related("served_from").first() if look else None
    if found is None:
        raise NotFound(what="inquiry")
    return _facts(found)


def looks_at(inquiry_id: UUID) -> tuple[LookView, ...]:
    """Return who looked at an answer in full and why, newest first."""
    rows = InquiryLook.objects.filter(inquiry_id=inquiry_id).order_by("-looked_at", "-id")
    return tuple(
        LookView(looked_by=row.looked_by, looked_at=row.looked_at, reason=row.reason)
        for row in rows[:100]
    )


def costs_by_month(until: date, months: int = 12) -> tuple[MonthCost, ...]:
    """Return what inquiries cost in each of the months up to the one of `until`, oldest first."""
    first = add_months(until.replace(day=1), 1 - months)
    rows = (
        Inquiry.objects.filter(asked_on__gte=first, asked_on__lte=until)
        .annotate(month=TruncMonth("asked_on"))
        .values("month", "source")
        .annotate(
            asked=Count("pk", filter=Q(served_from=None) & ~Q(outcome=Outcome.REFUSED)),
            served=Count("pk", filter=Q(served_from__isnull=False)),
            unanswered=Count("pk", filter=Q(outcome__in=UNKNOWN)),
            charged=Sum("charged_minor"),
        )
        .order_by("month", "source")
    )
    return tuple(
        MonthCost(
            month=row["month"],
            source=BY_CODE[row["source"]],
            asked=row["asked"],
            served=row["served"],
            unanswered=row["unanswered"],
            charged=Money(row["charged"]),
        )
        for row in rows
    )


Facts = dict[str, int | str | bool]


def _wanted(wanted: Wanted) -> QuerySet[Inquiry]:
    rows = Inquiry.objects.all()
    if wanted.source:
        rows = rows.filter(source=wanted.source)
    if wanted.outcome:
        rows = rows.filter(outcome=wanted.outcome)
    if wanted.month:
        rows = rows.filter(asked_on__gte=wanted.month, asked_on__lt=add_months(wanted.month, 1))
    if wanted.party_id:
        rows = rows.filter(party_id=wanted.party_id)
    return rows


def _facts(row: Inquiry) -> Facts:
    first = row.served_from or row
    assert first.answer_sealed is not None, "an answer that is not there"
    found: Facts = json.loads(unseal_answer(first.answer_sealed, first.pk, first.answer_sha256))
    return found


def _view(row: Inquiry) -> InquiryView:
    return InquiryView(
        id=row.pk,
        source=BY_CODE[row.source],
        purpose=row.purpose,
        purpose_id=row.purpose_id,
        party_id=row.party_id,
        subject=row.subject_shown,
        consent_kind=row.consent_kind,
        consent_version=row.consent_version,
        consent_sha256=row.consent_sha256,
        consented_at=row.consented_at,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        outcome=Outcome(row.outcome),
        fault=row.fault,
        tries=row.tries,
        answered_at=row.answered_at,
        latency_ms=row.latency_ms,
        cached_until=row.cached_until,
        charged=Money(row.charged_minor),
        served_from=row.served_from_id,
        instead_of=row.instead_of_id,
        answer_sha256=row.answer_sha256,
    )
