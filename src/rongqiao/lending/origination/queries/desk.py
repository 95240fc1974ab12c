"""Applications as officers see them: the queue, and one case with everything that decided it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Prefetch, Q, When

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.reviewing import DECLINE_CODES, RETURN_CODES
from rongqiao.lending.origination.models import Application, Decision, Review
from rongqiao.lending.origination.queries.applications import (
    ApplicationRow,
    DocumentSlot,
    MilestoneView,
    ReasonView,
    application_row,
    documents_of,
    milestones_of,
    reasons_of,
)
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import VersionView, get_versions
from rongqiao.parties.queries import PartyView, get_parties, get_party, is_own_affair, roles_of
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role

QUEUED = (State.REFERRED, State.RECOMMENDED)
QUEUE_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One case that waits for an officer. `reviewer_id` is who has it in hand.

    `goes_first_for` is the code of why it stands before longer waiting ones, if it does.
    """

    row: ApplicationRow
    party: PartyView
    reviewer_id: UUID | None
    reasons: tuple[ReasonView, ...]
    score: int | None
    documents: int
    goes_first_for: str


@dataclass(frozen=True, kw_only=True)
class ScorePartView:
    """One line of the points table."""

    name: str
    points: int
    best: int


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """A decision with what it looked at; `note` is the officer's own words."""

    id: UUID
    stage: str
    outcome: str
    amount: Money | None
    term_count: int | None
    rate_annual: Decimal | None
    grade: str
    score: int | None
    parts: tuple[ScorePartView, ...]
    burden: Decimal | None
    reasons: tuple[ReasonView, ...]
    versions: dict[str, str]
    inputs: dict[str, Any]
    note: str
    decided_by: str
    decided_at: datetime
    decided_on: date


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """Everything the decision sheet shows; `actions` is what this officer may do now."""

    row: ApplicationRow
    party: PartyView
    answers: dict[str, dict[str, str]]
    documents: tuple[DocumentSlot, ...]
    milestones: tuple[MilestoneView, ...]
    decisions: tuple[DecisionView, ...]
    reviewer_id: UUID | None
    is_own_affair: bool
    actions: tuple[str, ...]


def list_queue(
    states: tuple[str, ...] = QUEUED,
    reviewer_id: UUID | None = None,
    number: str = "",
    limit: int = QUEUE_SHOWN,
) -> tuple[QueueRow, ...]:
    """Return the cases in these states: those with priority, then the longest waiting.

    Six queries however many.

    With `reviewer_id`, only those the officer has in hand; with `number`, those that have it in
    theirs.
    """
    rows = list(_queued(states, reviewer_id).filter(number__icontains=number)[:limit])
    versions = get_versions(row.version_id for row in rows)
    parties = get_parties(row.party_id for row in rows)
    return tuple(_queue_row(row, versions[row.version_id], parties[row.party_id]) for row in rows)


def count_queued(
    states: tuple[str, ...] = QUEUED, reviewer_id: UUID | None = None, number: str = ""
) -> int:
    """Return how many cases `list_queue` would list in all."""
    found: int = _queued(states, reviewer_id).filter(number__icontains=number).count()
    return found


def decline_codes() -> tuple[str, ...]:
    """Return the codes by which an officer may tell a borrower why not."""
    return DECLINE_CODES


def return_codes() -> tuple[str, ...]:
    """Return the codes by which an officer may ask a borrower to mend something."""
    return RETURN_CODES


def count_queue() -> dict[str, int]:
    """Return how many cases wait, by state."""
    counted = Application.objects.filter(state__in=QUEUED).values("state").annotate(n=Count("pk"))
    return {one["state"]: one["n"] for one in counted}


def get_case(application_id: UUID, officer_id: UUID) -> CaseView:
    """Return one case for an officer; raises NotFound for a draft that was never handed in."""
    row = Application.objects.select_related("agreement").filter(pk=application_id).first()
    if row is None or row.submitted_at is None:
        raise NotFound(what="application")
    version = get_versions([row.version_id])[row.version_id]
    party = get_party(row.party_id)
    review = Review.objects.filter(application=row, closed_at=None).first()
    is_own = is_own_affair(officer_id, row.party_id)
    reviewer_id = review.reviewer_id if review else None
    return CaseView(
        row=application_row(row, version),
        party=party,
        answers=unseal(row.answers_sealed, Application, "answers_sealed", row.pk),
        documents=documents_of(row, version, party.kind),
        milestones=milestones_of(row),
        decisions=tuple(_decision(one) for one in row.decisions.order_by("number")),
        reviewer_id=reviewer_id,
        is_own_affair=is_own,
        actions=() if is_own else _actions(row, officer_id, reviewer_id),
    )


def _queued(states: tuple[str, ...], reviewer_id: UUID | None) -> Any:
    rows = (
        Application.objects.filter(state__in=states)
        .select_related("agreement")
        .annotate(documents_there=Count("documents", filter=Q(documents__removed_at=None)))
        .prefetch_related(
            Prefetch("reviews", Review.objects.filter(closed_at=None), to_attr="open_reviews"),
            Prefetch(
                "decisions",
                Decision.objects.filter(stage="screening").order_by("-number"),
                to_attr="screenings",
            ),
        )
        .order_by(Case(When(goes_first_for="", then=1), default=0), "submitted_at", "id")
    )
    if reviewer_id is not None:
        rows = rows.filter(reviews__reviewer_id=reviewer_id, reviews__closed_at=None)
    return rows


def _queue_row(row: Any, version: VersionView, party: PartyView) -> QueueRow:
    screening = row.screenings[0] if row.screenings else None
    return QueueRow(
        row=application_row(row, version),
        party=party,
        reviewer_id=row.open_reviews[0].reviewer_id if row.open_reviews else None,
        reasons=reasons_of(screening) if screening else (),
        score=screening.score if screening else None,
        documents=row.documents_there,
        goes_first_for=row.goes_first_for,
    )


def _actions(row: Application, officer_id: UUID, reviewer_id: UUID | None) -> tuple[str, ...]:
    roles = roles_of(officer_id)
    if row.state == State.REFERRED and Role.REVIEWER in roles:
        if reviewer_id is None:
            return ("take",)
        if reviewer_id == officer_id:
            return ("recommend", "counter", "decline", "return", "release")
    if row.state == State.RECOMMENDED and Role.APPROVER in roles:
        return ("approve", "decline")
    return ()


def _decision(row: Decision) -> DecisionView:
    inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    burden = inputs.get("burden")
    return DecisionView(
        id=row.pk,
        stage=row.stage,
        outcome=row.outcome,
        amount=None if row.amount_minor is None else Money(row.amount_minor),
        term_count=row.term_count,
        rate_annual=row.rate_annual,
        grade=row.grade,
        score=row.score,
        parts=tuple(ScorePartView(**one) for one in inputs.get("parts", [])),
        burden=None if burden is None else Decimal(burden),
        reasons=reasons_of(row),
        versions=row.versions,
        inputs=inputs.get("facts", {}),
        note=inputs.get("reason", ""),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decided_on=row.decided_on,
    )
