"""A borrower brings a document that a reviewer asked for; with the last one the case goes on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.asking import end_request, open_request
from rongqiao.lending.origination.conduct.cases import check_state, own_case
from rongqiao.lending.origination.models.desk import AskedDocument
from rongqiao.lending.origination.operations.applying.filing import inspected, put_beside
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal


class DocumentNotAsked(Refusal):
    """Nobody asks for such a document now; facts: `field`, `value`."""

    kind, code = Kind.CONFLICT, "origination.document-not-asked"


@dataclass(frozen=True, kw_only=True)
class SupplyDocument:
    """A file under the name it came with, its bytes in base64. The name is looked at, not kept."""

    application_id: UUID
    document_kind: str
    name: str = sensitive()
    content: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class Supplied:
    """The stored document, and how many are still waited for."""

    document_id: UUID
    missing: int


@operation("origination.supply_document", restore=Supplied)
def supply_document(command: SupplyDocument, call: Call) -> Supplied:
    """Store it in place of an earlier one of its kind; the last one ends the request.

    One that came may be replaced as long as others are waited for. What comes after the day that
    was named counts as long as nobody decided.
    Raises NotFound, StepNotDrawn, DocumentNotAsked, DocumentRefused.
    """
    case = own_case(command.application_id, call)
    check_state(case, State.REFERRED)
    request = open_request(case)
    if request is None:
        raise DocumentNotAsked(field="file", value=command.document_kind[:32])
    asked = request.asked.filter(kind=command.document_kind).first()
    if asked is None:
        raise DocumentNotAsked(field="file", value=command.document_kind[:32])
    found = inspected(command.content, command.name, command.document_kind)
    document = put_beside(case, command.document_kind, found, call)
    asked.document, asked.arrived_at = document, call.at
    asked.save(update_fields=["document", "arrived_at"])
    missing = AskedDocument.objects.filter(request=request, arrived_at=None).count()
    if not missing:
        end_request(case, request, "arrived", call)
    return Supplied(document_id=document.pk, missing=missing)
