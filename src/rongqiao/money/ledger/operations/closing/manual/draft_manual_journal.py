"""A finance officer writes a journal by hand; the books move when another one posts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.operations.closing.manual.writing import (
    LONGEST_REFERENCE,
    ManualLeg,
    ManualMoved,
    checked_legs,
    checked_value_date,
    moved,
)
from rongqiao.money.ledger.operations.closing.officers import checked_words, officer_acting
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class DraftManualJournal:
    """The legs, why, the paper it rests on (`reference`), and the date the money counts from."""

    legs: tuple[ManualLeg, ...]
    reason: str
    reference: str
    value_on: date


@operation("ledger.draft-manual-journal", restore=ManualMoved)
def draft_manual_journal(command: DraftManualJournal, call: Call) -> ManualMoved:
    """Keep the journal for a second officer.

    Raises FinanceOfficerNeeded, ReasonNeeded, LegsRefused, LegRefused, AccountNotByHand,
    NotBalanced, ValueDateRefused.
    """
    officer_acting(call)
    row = ManualJournal(
        id=new_id(call.at),
        number=short_number("MJ", call.at),
        legs=checked_legs(command.legs),
        reason=checked_words(command.reason),
        reference=checked_words(command.reference, "reference", LONGEST_REFERENCE),
        value_on=checked_value_date(command.value_on, call),
        drafted_by=call.actor,
        drafted_at=call.at,
    )
    return moved(row)
