"""A source tells, signed, that the answer to a ticket is ready: fetch it now."""

from __future__ import annotations

from dataclasses import dataclass

from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.models.inquiries import Inquiry
from rongqiao.risk.models.outcomes import Outcome

FETCH = "risk.fetch_ticket"


@dataclass(frozen=True, kw_only=True)
class TakeNotice:
    """The ticket that is ready."""

    ticket: str


@dataclass(frozen=True, kw_only=True)
class NoticeTaken:
    """Whether somebody waits for it."""

    is_awaited: bool


@operation("risk.take_notice", restore=NoticeTaken)
def take_notice(command: TakeNotice, _call: Call) -> NoticeTaken:
    """Have the answer fetched, if an inquiry waits by this ticket; the notice itself says none."""
    row = (
        Inquiry.objects.filter(ticket=command.ticket, outcome=Outcome.OPEN)
        .exclude(ticket="")
        .first()
    )
    if row is not None:
        jobs.enqueue_outside(FETCH, inquiry_id=str(row.pk))
    return NoticeTaken(is_awaited=row is not None)
