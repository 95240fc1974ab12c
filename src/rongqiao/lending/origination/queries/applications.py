"""Applications as their borrowers see them: the form so far, the tracker, offer and reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.intake.steps import Field, missing, steps_for
from rongqiao.lending.origination.models import Application, Decision, Document
from rongqiao.lending.origination.models.desk import DocumentRequest, ReviewRequest
from rongqiao.lending.origination.sealing import unseal
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import VersionView, get_versions
from rongqiao.parties.queries import PartyView, acts_for, get_party
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """What may be accepted, and until which day."""

    amount: Money
    term_count: int
    rate_annual: Decimal
    grade: str
    ends_on: date


@dataclass(frozen=True, kw_only=True)
class ReasonView:
    """A reason's code and the facts of its sentence."""

    code: str
    facts: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class MilestoneView:
    """A state reached, and when."""

    state: str
    at: datetime
    on: date


@dataclass(frozen=True, kw_only=True)
class DocumentView:
    """A stored document of an application."""

    id: UUID
    kind: str
    file_id: UUID
    media_type: str
    size: int
    pages: int
    uploaded_at: datetime


@dataclass(frozen=True, kw_only=True)
class DocumentSlot:
    """A kind of document that is asked for, with what is there."""

    kind: str
    document: DocumentView | None


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """A field and what stands in it; amounts in yuan with two decimals."""

    field: Field
    value: str


@dataclass(frozen=True, kw_only=True)
class StepView:
    """One page of the form."""

    name: str
    fields: tuple[FieldView, ...]
    is_complete: bool


@dataclass(frozen=True, kw_only=True)
class ApplicationRow:
    """One line of a list."""

    id: UUID
    number: str
    party_id: UUID
    product: VersionView
    state: str
    amount: Money | None
    term_count: int | None
    offer: OfferView | None
    apply_again_on: date | None
    agreement_id: UUID | None
    changed_at: datetime
    submitted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AskedView:
    """Documents a reviewer asked for, until when, in whose words; kinds with what came.

    `ended_at` is None while it is waited for; `end` says how it ended.
    """

    id: UUID
    slots: tuple[DocumentSlot, ...]
    due_on: date
    words: str
    asked_at: datetime
    ended_at: datetime | None
    end: str

    @property
    def missing(self) -> int:
        """Return how many have not come."""
        return sum(slot.document is None for slot in self.slots)


@dataclass(frozen=True, kw_only=True)
class ReviewRequestView:
    """A borrower asked for a person: when, in which words, by when it is answered, and how."""

    asked_at: datetime
    due_at: datetime
    words: str
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ApplicationView:
    """Everything a borrower's page shows of one application.

    `may_ask_for_review` where the policy declined it by itself and nobody was asked yet.
    """

    row: ApplicationRow
    party: PartyView
    steps: tuple[StepView, ...]
    documents: tuple[DocumentSlot, ...]
    missing: tuple[str, ...]
    milestones: tuple[MilestoneView, ...]
    reasons: tuple[ReasonView, ...]
    limit_id: UUID | None
    asked: AskedView | None
    review_request: ReviewRequestView | None
    may_ask_for_review: bool

    @property
    def is_editable(self) -> bool:
        """Tell whether the borrower may still change answers and documents."""
        return self.row.state in (State.DRAFT, State.RETURNED)


def number_of_application(application_id: UUID) -> str:
    """Return the number that people know an application by; raises NotFound."""
    number = Application.objects.filter(pk=application_id).values_list("number", flat=True).first()
    if number is None:
        raise NotFound(what="application")
    return str(number)


def list_applications(party_ids: Iterable[UUID]) -> tuple[ApplicationRow, ...]:
    """Return the applications of these parties, newest first, in two queries."""
    rows = list(
        Application.objects.filter(party_id__in=list(party_ids))
        .select_related("agreement")
        .order_by("-created_at", "-id")
    )
    versions = get_versions(row.version_id for row in rows)
    return tuple(application_row(row, versions[row.version_id]) for row in rows)


def get_application(application_id: UUID, user_id: UUID) -> ApplicationView:
    """Return an application of a party the user acts for; raises NotFound for anybody else's."""
    row = Application.objects.select_related("agreement").filter(pk=application_id).first()
    if row is None or not acts_for(user_id, row.party_id):
        raise NotFound(what="application")
    version = get_versions([row.version_id])[row.version_id]
    party = get_party(row.party_id)
    answers = unseal(row.answers_sealed, Application, "answers_sealed", row.pk)
    steps = steps_for(party.kind, version.terms)
    documents = documents_of(row, version, party.kind)
    gaps = (*missing(steps, answers), *_without_document(documents))
    agreement = getattr(row, "agreement", None)
    latest = row.decisions.order_by("-number").first()
    is_automatic = latest is not None and latest.stage == "screening"
    return ApplicationView(
        row=application_row(row, version),
        party=party,
        steps=tuple(_step(step.name, step.fields, answers) for step in steps),
        documents=documents,
        missing=gaps,
        milestones=milestones_of(row),
        reasons=reasons_of(latest) if latest else (),
        limit_id=getattr(getattr(agreement, "limit", None), "pk", None),
        asked=open_request_of(row),
        review_request=review_request_of(row),
        may_ask_for_review=row.state == State.DECLINED and is_automatic,
    )


def said_last_time(application_id: UUID, step: str) -> dict[str, str]:
    """Return what the party answered in a step of what it handed in last before this application.

    For a form of its own: the caller has shown that this is whose application it is.
    """
    party = Application.objects.filter(pk=application_id).values("party_id")
    last = (
        Application.objects.filter(party_id__in=party, submitted_at__isnull=False)
        .exclude(pk=application_id)
        .order_by("-submitted_at")
        .first()
    )
    if last is None:
        return {}
    answers = unseal(last.answers_sealed, Application, "answers_sealed", last.pk)
    return dict(answers.get(step, {}))


def application_row(row: Application, version: VersionView) -> ApplicationRow:
    """Return one line; `agreement` is expected to be fetched along."""
    agreement = getattr(row, "agreement", None)
    return ApplicationRow(
        id=row.pk,
        number=row.number,
        party_id=row.party_id,
        product=version,
        state=row.state,
        amount=None if row.amount_minor is None else Money(row.amount_minor),
        term_count=row.term_count,
        offer=_offer(row),
        apply_again_on=row.apply_again_on,
        agreement_id=agreement.pk if agreement else None,
        changed_at=row.changed_at,
        submitted_at=row.submitted_at,
    )


def documents_of(row: Application, version: VersionView, kind: str) -> tuple[DocumentSlot, ...]:
    """Return every kind of document the product asks for, then others that are there.

    Those are what a reviewer asked this borrower for.
    """
    there = {one.kind: _document(one) for one in row.documents.filter(removed_at=None)}
    asked = version.terms.borrower(kind)
    kinds = asked.documents if asked else ()
    kinds = (*kinds, *(kind for kind in there if kind not in kinds))
    return tuple(DocumentSlot(kind=one, document=there.get(one)) for one in kinds)


def milestones_of(row: Application) -> tuple[MilestoneView, ...]:
    """Return the states the application reached, in order."""
    return tuple(
        MilestoneView(state=one.state, at=one.at, on=one.on)
        for one in row.milestones.order_by("id")
    )


def reasons_of(decision: Decision) -> tuple[ReasonView, ...]:
    """Return a decision's reasons, gravest first."""
    return tuple(ReasonView(code=one["code"], facts=one["facts"]) for one in decision.reasons)


def open_request_of(row: Application) -> AskedView | None:
    """Return the documents the application waits for; None where it waits for none."""
    request = row.document_requests.filter(ended_at=None).first()
    return asked_view(request) if request else None


def asked_view(request: DocumentRequest) -> AskedView:
    """Return a request for documents with what came."""
    asked = request.asked.select_related("document").order_by("id")
    return AskedView(
        id=request.pk,
        slots=tuple(
            DocumentSlot(kind=one.kind, document=_document(one.document) if one.document else None)
            for one in asked
        ),
        due_on=request.due_on,
        words=unseal(request.words_sealed, DocumentRequest, "words_sealed", request.pk),
        asked_at=request.asked_at,
        ended_at=request.ended_at,
        end=request.end,
    )


def review_request_of(row: Application) -> ReviewRequestView | None:
    """Return the latest request for a person; None where nobody asked."""
    found = row.review_requests.order_by("-asked_at").first()
    if found is None:
        return None
    return ReviewRequestView(
        asked_at=found.asked_at,
        due_at=found.due_at,
        words=unseal(found.words_sealed, ReviewRequest, "words_sealed", found.pk),
        answer=found.answer,
        answered_at=found.answered_at,
    )


def _document(one: Document) -> DocumentView:
    return DocumentView(
        id=one.pk,
        kind=one.kind,
        file_id=one.file_id,
        media_type=one.media_type,
        size=one.size,
        pages=one.pages,
        uploaded_at=one.uploaded_at,
    )


def _offer(row: Application) -> OfferView | None:
    amount, term, rate = row.offered_minor, row.offered_term, row.offered_rate_annual
    if amount is None or term is None or rate is None or row.offer_ends_on is None:
        return None
    return OfferView(
        amount=Money(amount),
        term_count=term,
        rate_annual=rate,
        grade=row.offered_grade,
        ends_on=row.offer_ends_on,
    )


def _step(name: str, fields: tuple[Field, ...], answers: dict[str, Any]) -> StepView:
    given = answers.get(name, {})
    shown = tuple(FieldView(field=one, value=given.get(one.name, "")) for one in fields)
    return StepView(
        name=name,
        fields=shown,
        is_complete=all(one.value or one.field.is_optional for one in shown),
    )


def _without_document(documents: tuple[DocumentSlot, ...]) -> tuple[str, ...]:
    return tuple(f"documents.{slot.kind}" for slot in documents if slot.document is None)
