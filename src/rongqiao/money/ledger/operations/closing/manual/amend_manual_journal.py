"""The officer who wrote a journal by hand changes it, mostly after it was sent back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.operations.closing.manual.writing import (
    LONGEST_REFERENCE,
    ManualLeg,
    ManualMoved,
    checked_legs,
    checked_value_date,
    locked_manual,
    moved,
)
from rongqiao.money.ledger.operations.closing.officers import (
    NotWaiting,
    checked_words,
    same_officer,
)
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class AmendManualJournal:
    """Everything anew; the legs and date of a reversal stay what they are."""

    manual_id: UUID
    legs: tuple[ManualLeg, ...]
    reason: str
    reference: str
    value_on: date


@operation("ledger.amend-manual-journal", restore=ManualMoved)
def amend_manual_journal(command: AmendManualJournal, call: Call) -> ManualMoved:
    """Change a journal that is not decided and let it wait for the second officer again.

    Raises FinanceOfficerNeeded, NotYours, NotFound, NotWaiting, ReasonNeeded, LegsRefused,
    LegRefused, AccountNotByHand, NotBalanced, ValueDateRefused.
    """
    row = locked_manual(command.manual_id)
    same_officer(row.drafted_by, call)
    if row.state not in (ManualJournal.State.WAITING, ManualJournal.State.SENT_BACK):
        raise NotWaiting(state=row.state)
    row.reason = checked_words(command.reason)
    row.reference = checked_words(command.reference, "reference", LONGEST_REFERENCE)
    if row.reverses_id is None:
        row.legs = checked_legs(command.legs)
        row.value_on = checked_value_date(command.value_on, call)
    row.state, row.note = ManualJournal.State.WAITING, ""
    row.decided_by, row.decided_at, row.drafted_at = "", None, call.at
    return moved(row)
