"""One case as officers see it, with everything that decided it and what is asked of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.overriding import word_of
from rongqiao.lending.origination.conduct.reviewing import DECLINE_CODES, RETURN_CODES
from rongqiao.lending.origination.conduct.standing import against_by_declining, failed
from rongqiao.lending.origination.models import Application, Decision, Review
from rongqiao.lending.origination.models.desk import (
    DOCUMENT_KINDS,
    OVERRIDE_CODES,
    REASSIGN_CODES,
    Reassignment,
)
from rongqiao.lending.origination.queries.applications import (
    ApplicationRow,
    AskedView,
    DocumentSlot,
    MilestoneView,
    ReasonView,
    ReviewRequestView,
    application_row,
    asked_view,
    documents_of,
    milestones_of,
    reasons_of,
    review_request_of,
)
from rongqiao.lending.origination.queries.reviewing.comparing import (
    Fetched,
    Known,
    Line,
    compare,
    said_before,
)
from rongqiao.lending.origination.queries.reviewing.queue import (
    WaitView,
    wait_view,
    with_open_request,
)
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import get_versions
from rongqiao.parties.queries import PartyView, get_party, is_own_affair, roles_of
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.roles import Role
from rongqiao.risk.queries.features import features_of

# Which facts of a reason are what was found, and where the line lies.
_FACTS: Mapping[str, tuple[str, str]] = {
    "too-old-at-end": ("age", "age_max"),
    "past-due-too-long": ("days", "days_max"),
    "too-many-loans": ("loans", "loans_max"),
    "too-short-in-work": ("months", "months_min"),
    "too-short-in-business": ("months", "months_min"),
    "burden-too-high": ("amount_most", "amount_min"),
    "amount-above-income": ("amount_most", "amount_min"),
    "amount-above-revenue": ("amount_most", "amount_min"),
    "score-too-low": ("score", "score_min"),
    "amount-above-means": ("amount_asked", "amount_most"),
    "score-needs-a-person": ("score", "score_below"),
    "burden-needs-a-person": ("burden", "burden_comfortable"),
    "was-past-due": ("days", ""),
    "currently-overdue": ("days", ""),
}


@dataclass(frozen=True, kw_only=True)
class CriterionView:
    """A criterion that was not met: what was found, and the line; as the reason's facts say it."""

    code: str
    value: str
    line: str


@dataclass(frozen=True, kw_only=True)
class ScorePartView:
    """One line of the points table."""

    name: str
    points: int
    best: int


@dataclass(frozen=True, kw_only=True)
class DecisionView:
    """A decision with what it looked at; `note` is the officer's own words.

    `criteria` are those that were not met. Where it goes `against` the system's word, `override` is
    the code of why. `number` counts the case's decisions from 1; `has_answer` where a policy's
    answer is on record.
    """

    id: UUID
    number: int
    has_answer: bool
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
    criteria: tuple[CriterionView, ...]
    against: str
    override: str
    decided_by: str
    decided_at: datetime
    decided_on: date


@dataclass(frozen=True, kw_only=True)
class MoveView:
    """A case that passed from one reviewer to another; `words` are for the file."""

    was_with: UUID
    goes_to: UUID
    code: str
    words: str
    moved_by: UUID
    moved_at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """Everything the decision sheet shows; `actions` is what this officer may do now.

    `comparison` lays what the borrower said beside what else is known of it; `is_clean` where the
    system found every criterion met, so that declining goes against its word.
    """

    row: ApplicationRow
    party: PartyView
    answers: dict[str, dict[str, str]]
    documents: tuple[DocumentSlot, ...]
    milestones: tuple[MilestoneView, ...]
    decisions: tuple[DecisionView, ...]
    reviewer_id: UUID | None
    wait: WaitView | None
    comparison: tuple[Line, ...]
    requests: tuple[AskedView, ...]
    review_request: ReviewRequestView | None
    moves: tuple[MoveView, ...]
    is_clean: bool
    is_own_affair: bool
    actions: tuple[str, ...]


def decline_codes() -> tuple[str, ...]:
    """Return the codes by which an officer may tell a borrower why not."""
    return DECLINE_CODES


def return_codes() -> tuple[str, ...]:
    """Return the codes by which an officer may ask a borrower to mend something."""
    return RETURN_CODES


def document_kinds() -> tuple[str, ...]:
    """Return the kinds of document a reviewer may ask a borrower for."""
    return DOCUMENT_KINDS


def reassign_codes() -> tuple[str, ...]:
    """Return why a case may pass to another reviewer."""
    return REASSIGN_CODES


def override_codes() -> tuple[str, ...]:
    """Return why an officer may decide against the system's word."""
    return OVERRIDE_CODES


def get_case(application_id: UUID, officer_id: UUID, at: datetime) -> CaseView:
    """Return one case for an officer; raises NotFound for a draft that was never handed in.

    What outside sources told of the borrower is held against the answers, and so is what the
    borrower said last time.
    """
    row = (
        with_open_request(Application.objects.filter(pk=application_id))
        .select_related("agreement")
        .first()
    )
    if row is None or row.submitted_at is None:
        raise NotFound(what="application")
    version = get_versions([row.version_id])[row.version_id]
    party = get_party(row.party_id)
    review = Review.objects.filter(application=row, closed_at=None).first()
    is_own = is_own_affair(officer_id, row.party_id)
    reviewer_id = review.reviewer_id if review else None
    answers = unseal(row.answers_sealed, Application, "answers_sealed", row.pk)
    decisions = tuple(row.decisions.select_related("override").order_by("number"))
    screening = next((one for one in decisions[::-1] if one.stage == "screening"), None)
    wait = wait_view(row)
    known: tuple[Known, ...] = (*features_of(row.party_id, at), *_said_before(row, at))
    return CaseView(
        row=application_row(row, version),
        party=party,
        answers=answers,
        documents=documents_of(row, version, party.kind),
        milestones=milestones_of(row),
        decisions=tuple(_decision(one) for one in decisions),
        reviewer_id=reviewer_id,
        wait=wait,
        comparison=compare(_flat(answers), known, at),
        requests=tuple(asked_view(one) for one in row.document_requests.order_by("-asked_at")),
        review_request=review_request_of(row),
        moves=tuple(_moved(one) for one in row.reassignments.order_by("-moved_at")),
        is_clean=bool(screening and against_by_declining(word_of(screening))),
        is_own_affair=is_own,
        actions=() if is_own else _actions(row, officer_id, reviewer_id, wait),
    )


def _flat(answers: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: value for step in answers.values() for name, value in step.items()}


def _said_before(row: Application, at: datetime) -> tuple[Fetched, ...]:
    """Return what the borrower answered in the application handed in last before this one."""
    before = (
        Application.objects.filter(party_id=row.party_id, submitted_at__lt=row.submitted_at)
        .order_by("-submitted_at")
        .first()
    )
    if before is None or before.submitted_at is None:
        return ()
    answers = _flat(unseal(before.answers_sealed, Application, "answers_sealed", before.pk))
    return said_before(answers, before.submitted_at, at)


def _moved(row: Reassignment) -> MoveView:
    return MoveView(
        was_with=row.was_with,
        goes_to=row.goes_to,
        code=row.code,
        words=unseal(row.words_sealed, Reassignment, "words_sealed", row.pk),
        moved_by=row.moved_by,
        moved_at=row.moved_at,
    )


def _actions(
    row: Application, officer_id: UUID, reviewer_id: UUID | None, wait: WaitView | None
) -> tuple[str, ...]:
    roles = roles_of(officer_id)
    if row.state == State.RECOMMENDED and Role.APPROVER in roles:
        return ("approve", "decline")
    if row.state != State.REFERRED:
        return ()
    if reviewer_id is None:
        return ("take",) if Role.REVIEWER in roles else ()
    if reviewer_id != officer_id or Role.REVIEWER not in roles:
        return ("reassign",) if Role.APPROVER in roles else ()
    is_waiting = wait is not None and wait.documents_due_on is not None
    documents = "drop-request" if is_waiting else "ask-documents"
    return ("recommend", "counter", "decline", "return", documents, "reassign", "release")


def _decision(row: Decision) -> DecisionView:
    inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    burden = inputs.get("burden")
    override = getattr(row, "override", None)
    return DecisionView(
        id=row.pk,
        number=row.number,
        has_answer=bool(row.answer_sha256),
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
        criteria=tuple(
            _criterion(one["code"], one["facts"])
            for one in row.reasons
            if row.stage == "screening" and failed([one["code"]])
        ),
        against=override.kind if override else "",
        override=override.code if override else "",
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decided_on=row.decided_on,
    )


def _criterion(code: str, facts: Mapping[str, str]) -> CriterionView:
    """Return what a reason says was found and where the line lies; empty where it says neither."""
    value, line = _FACTS.get(code, ("", ""))
    return CriterionView(code=code, value=facts.get(value, ""), line=facts.get(line, ""))
