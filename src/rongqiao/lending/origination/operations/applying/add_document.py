"""Put a document beside a draft, in place of an earlier one of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import check_state, move, own_case
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.operations.applying.filing import (
    DocumentRefused,
    inspected,
    put_beside,
)
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import get_version
from rongqiao.parties.queries import get_party
from rongqiao.platform.operations import Call, operation, sensitive


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
    found = inspected(command.content, command.name, command.document_kind)
    if case.state == State.RETURNED:
        move(case, State.DRAFT, call)
    document = put_beside(case, command.document_kind, found, call)
    return Added(document_id=document.pk, media_type=found.media_type, pages=found.pages)


def _kinds_asked(case: Application) -> tuple[str, ...]:
    asked = get_version(case.version_id).terms.borrower(get_party(case.party_id).kind)
    return asked.documents if asked else ()
