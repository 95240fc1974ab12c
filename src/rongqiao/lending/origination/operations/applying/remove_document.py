"""Take a document away from a draft; its file stays on record, its place is free."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import Moved, check_state, own_case
from rongqiao.lending.origination.models import Document
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class RemoveDocument:
    """Which document of which application."""

    application_id: UUID
    document_id: UUID


@operation("origination.remove_document", restore=Moved)
def remove_document(command: RemoveDocument, call: Call) -> Moved:
    """Mark the document removed. Raises NotFound, StepNotDrawn."""
    case = own_case(command.application_id, call)
    check_state(case, State.DRAFT, State.RETURNED)
    removed = Document.objects.filter(
        pk=command.document_id, application=case, removed_at=None
    ).update(removed_at=call.at)
    if not removed:
        raise NotFound(what="document")
    return Moved(application_id=case.pk, state=case.state)
