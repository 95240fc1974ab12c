"""The officer who wrote a journal by hand gives it up."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.operations.closing.manual.writing import (
    ManualMoved,
    locked_manual,
    moved,
)
from rongqiao.money.ledger.operations.closing.officers import NotWaiting, same_officer
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class WithdrawManualJournal:
    """Which one."""

    manual_id: UUID


@operation("ledger.withdraw-manual-journal", restore=ManualMoved)
def withdraw_manual_journal(command: WithdrawManualJournal, call: Call) -> ManualMoved:
    """Give up a journal that was not posted.

    Raises FinanceOfficerNeeded, NotYours, NotFound, NotWaiting.
    """
    row = locked_manual(command.manual_id)
    same_officer(row.drafted_by, call)
    if row.state not in (ManualJournal.State.WAITING, ManualJournal.State.SENT_BACK):
        raise NotWaiting(state=row.state)
    row.state = ManualJournal.State.WITHDRAWN
    return moved(row)
