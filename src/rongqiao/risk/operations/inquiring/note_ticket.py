"""A source will answer later: keep the ticket by which it is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.outcomes import Outcome


@dataclass(frozen=True, kw_only=True)
class NoteTicket:
    """The ticket a source gave for an inquiry."""

    inquiry_id: UUID
    ticket: str


@dataclass(frozen=True, kw_only=True)
class TicketNoted:
    """The inquiry waits by this ticket."""

    inquiry_id: UUID
    ticket: str


@operation("risk.note_ticket", restore=TicketNoted)
def note_ticket(command: NoteTicket, call: Call) -> TicketNoted:
    """Keep an inquiry's ticket, the first one for good. Raises NotFound."""
    assert call.actor.startswith("system:"), "a ticket told by somebody who is no source"
    row = Inquiry.objects.select_for_update().filter(pk=command.inquiry_id).first()
    if row is None:
        raise NotFound(what="inquiry")
    if row.outcome == Outcome.OPEN and not row.ticket:
        row.ticket = command.ticket
        row.save(update_fields=["ticket"])
    return TicketNoted(inquiry_id=row.pk, ticket=row.ticket)
