"""Put a document beside a draft, in place of an earlier one of its kind."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import check_state, move, own_case
from rongqiao.lending.origination.intake.content import BYTES_MOST, BadContent, inspect
from rongqiao.lending.origination.models import Application, Document
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import get_version
from rongqiao.parties.queries import get_party
from rongqiao.platform.files import store
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal

_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_ENCODED_MOST = BYTES_MOST * 4 // 3 + 8


class DocumentRefused(Refusal):
    """The file is not taken; facts: `field`, `reason` (intake.content), `allowed`."""

    kind, code = Kind.INVALID, "origination.document-refused"


@dataclass(frozen=True, kw_only=True)
class AddDocument:
    """A file under the name it came with, its bytes in base64. The name is looked at, not kept."""

    application_id: UUID
    document_kind: str
    name: str = sensitive()
    content: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class Added:
    """The stored document."""

    document_id: UUID
    media_type: str
    pages: int


@operation("origination.add_document", restore=Added)
def add_document(command: AddDocument, call: Call) -> Added:
    """Check and store a document. Raises NotFound, StepNotDrawn, DocumentRefused."""
    case = own_case(command.application_id, call)
    check_state(case, State.DRAFT, State.RETURNED)
    asked = _kinds_asked(case)
    if command.document_kind not in asked:
        raise DocumentRefused(
            field="document_kind", reason="kind-not-asked", allowed=", ".join(asked)
        )
    try:
        found = inspect(_decoded(command.content), command.name)
    except BadContent as problem:
        raise DocumentRefused(
            field=command.document_kind, reason=problem.reason, allowed=problem.allowed
        ) from problem
    if case.state == State.RETURNED:
        move(case, State.DRAFT, call)
    Document.objects.filter(application=case, kind=command.document_kind, removed_at=None).update(
        removed_at=call.at
    )
    file_id = store(
        found.content,
        owner=f"application:{case.pk}",
        name=f"{command.document_kind}.{_ENDINGS[found.media_type]}",
        media_type=found.media_type,
        at=call.at,
    )
    document = Document.objects.create(
        id=new_id(call.at),
        application=case,
        kind=command.document_kind,
        file_id=file_id,
        media_type=found.media_type,
        size=len(found.content),
        pages=found.pages,
        uploaded_by=call.actor,
        uploaded_at=call.at,
    )
    return Added(document_id=document.pk, media_type=found.media_type, pages=found.pages)


def _kinds_asked(case: Application) -> tuple[str, ...]:
    asked = get_version(case.version_id).terms.borrower(get_party(case.party_id).kind)
    return asked.documents if asked else ()


def _decoded(content: str) -> bytes:
    if len(content) > _ENCODED_MOST:
        raise BadContent("too-large", f"{BYTES_MOST // 1024 // 1024} MB")
    try:
        return base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadContent("unreadable", "base64") from error
