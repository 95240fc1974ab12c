"""A finance officer asks for a posted journal by hand to be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.operations.closing.manual.writing import (
    LONGEST_REFERENCE,
    ManualMoved,
    locked_manual,
    moved,
)
from rongqiao.money.ledger.operations.closing.officers import (
    NotWaiting,
    checked_words,
    officer_acting,
)
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class ReversalThere(Refusal):
    """It was taken back before, or is about to be, or is a reversal itself; fact: `number`."""

    kind, code = Kind.CONFLICT, "ledger.manual-reversal-there"


@dataclass(frozen=True, kw_only=True)
class DraftManualReversal:
    """Which journal by hand, why, and the paper it rests on."""

    manual_id: UUID
    reason: str
    reference: str


@operation("ledger.draft-manual-reversal", restore=ManualMoved)
def draft_manual_reversal(command: DraftManualReversal, call: Call) -> ManualMoved:
    """Keep the opposite of a posted journal for a second officer.

    It is posted on the business date of that day. Raises FinanceOfficerNeeded, ReasonNeeded,
    NotFound, NotWaiting (it is not posted), ReversalThere.
    """
    officer_acting(call)
    first = locked_manual(command.manual_id)
    if first.state != ManualJournal.State.POSTED:
        raise NotWaiting(state=first.state)
    there = first.reversals.exclude(state=ManualJournal.State.WITHDRAWN).first()
    if there is not None or first.reverses_id is not None:
        raise ReversalThere(number=there.number if there else first.number)
    row = ManualJournal(
        id=new_id(call.at),
        number=short_number("MJ", call.at),
        legs=[[account, str(-int(minor)), currency] for account, minor, currency in first.legs],
        reason=checked_words(command.reason),
        reference=checked_words(command.reference, "reference", LONGEST_REFERENCE),
        value_on=call.on,
        drafted_by=call.actor,
        drafted_at=call.at,
        reverses=first,
    )
    return moved(row)
