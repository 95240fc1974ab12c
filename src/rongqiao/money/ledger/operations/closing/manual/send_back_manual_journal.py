"""Another finance officer sends a journal by hand back to who wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.operations.closing.manual.writing import (
    ManualMoved,
    locked_manual,
    moved,
)
from rongqiao.money.ledger.operations.closing.officers import (
    NotWaiting,
    checked_words,
    second_officer,
)
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class SendBackManualJournal:
    """Which one, and why."""

    manual_id: UUID
    reason: str


@operation("ledger.send-back-manual-journal", restore=ManualMoved)
def send_back_manual_journal(command: SendBackManualJournal, call: Call) -> ManualMoved:
    """Leave the journal to its writer, who may change it or withdraw it.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, NotFound, NotWaiting, ReasonNeeded.
    """
    row = locked_manual(command.manual_id)
    if row.state != ManualJournal.State.WAITING:
        raise NotWaiting(state=row.state)
    second_officer(row.drafted_by, call)
    row.note = checked_words(command.reason)
    row.state = ManualJournal.State.SENT_BACK
    row.decided_by, row.decided_at = call.actor, call.at
    return moved(row)
