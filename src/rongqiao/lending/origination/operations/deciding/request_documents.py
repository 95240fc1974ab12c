"""A reviewer asks the borrower for named documents by a day; the case waits for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rongqiao.lending.origination.conduct.asking import (
    end_request,
    open_request,
    wait_for_documents,
)
from rongqiao.lending.origination.conduct.cases import Moved, checked_codes, checked_reason
from rongqiao.lending.origination.conduct.reviewing import taken_case
from rongqiao.lending.origination.events import DocumentsAsked
from rongqiao.lending.origination.models.desk import (
    DOCUMENT_KINDS,
    AskedDocument,
    DocumentRequest,
)
from rongqiao.lending.origination.sealing import seal
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.credit.review_times import times_on


class DocumentsAskedAlready(Refusal):
    """A request is open; it has to end before another is made. Fact: `allowed`, its last day."""

    kind, code = Kind.CONFLICT, "origination.documents-asked-already"


class BadDueDay(Refusal):
    """The day is too near or too far; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.bad-due-day"


class NothingAsked(Refusal):
    """No request for documents is open."""

    kind, code = Kind.CONFLICT, "origination.no-documents-asked"


@dataclass(frozen=True, kw_only=True)
class RequestDocuments:
    """Which documents, by which day, and what the borrower is told about them."""

    application_id: UUID
    kinds: tuple[str, ...]
    due_on: date
    words: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class DropRequest:
    """Whose request is taken back."""

    application_id: UUID


@operation("origination.request_documents", restore=Moved)
def request_documents(command: RequestDocuments, call: Call) -> Moved:
    """Ask, tell DocumentsAsked, and let the case wait: its time begins anew when they are here.

    Whoever asked for a person waits for an answer no longer because of it than the documents take.
    Raises NotAssigned, DocumentsAskedAlready, BadDueDay, ReasonNeeded, OwnAffair, StepNotDrawn, ...
    """
    reviewed = taken_case(command.application_id, call)
    case = reviewed.case
    kinds = checked_codes(command.kinds, DOCUMENT_KINDS)
    _check_day(command.due_on, call)
    standing = open_request(case)
    if standing is not None:
        raise DocumentsAskedAlready(allowed=standing.due_on.isoformat())
    row_id = new_id(call.at)
    request = DocumentRequest.objects.create(
        id=row_id,
        application=case,
        asked_by=reviewed.officer_id,
        asked_at=call.at,
        asked_on=call.on,
        due_on=command.due_on,
        words_sealed=seal(checked_reason(command.words), DocumentRequest, "words_sealed", row_id),
    )
    AskedDocument.objects.bulk_create(AskedDocument(request=request, kind=one) for one in kinds)
    wait_for_documents(case, command.due_on, call)
    publish(
        DocumentsAsked(
            application_id=case.pk,
            party_id=case.party_id,
            number=case.number,
            count=len(kinds),
            due_on=command.due_on,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return Moved(application_id=case.pk, state=case.state)


@operation("origination.drop_document_request", restore=Moved)
def drop_request(command: DropRequest, call: Call) -> Moved:
    """Take the open request back: the case is decided on what is there.

    Raises NotAssigned, NothingAsked, OwnAffair, StepNotDrawn, ...
    """
    reviewed = taken_case(command.application_id, call)
    request = open_request(reviewed.case)
    if request is None:
        raise NothingAsked
    end_request(reviewed.case, request, "withdrawn", call)
    return Moved(application_id=reviewed.case.pk, state=reviewed.case.state)


def _check_day(due_on: date, call: Call) -> None:
    times = times_on(call.on)
    first = call.on + timedelta(days=times.document_days_fewest)
    last = call.on + timedelta(days=times.document_days_most)
    if not first <= due_on <= last:
        allowed = f"{first.isoformat()} - {last.isoformat()}"
        raise BadDueDay(field="due_on", value=due_on.isoformat(), allowed=allowed)
