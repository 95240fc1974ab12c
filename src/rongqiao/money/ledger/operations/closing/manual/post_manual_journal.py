"""Another finance officer posts a journal by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rongqiao.finance.bookkeeping import Journal, Leg
from rongqiao.finance.money import Money
from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.operations.closing.manual.writing import (
    ManualMoved,
    checked_value_date,
    locked_manual,
    moved,
)
from rongqiao.money.ledger.operations.closing.officers import NotWaiting, second_officer
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class ChangedMeanwhile(Refusal):
    """The writer changed the journal after the officer had read it."""

    kind, code = Kind.CONFLICT, "ledger.manual-changed-meanwhile"


@dataclass(frozen=True, kw_only=True)
class PostManualJournal:
    """Which one, and its `drafted_at` as the officer read it."""

    manual_id: UUID
    drafted_at: datetime


@operation("ledger.post-manual-journal", restore=ManualMoved)
def post_manual_journal(command: PostManualJournal, call: Call) -> ManualMoved:
    """Post the journal under its number as document; a reversal on the call's business date.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, NotFound, NotWaiting, ChangedMeanwhile,
    ValueDateRefused, PeriodClosed, InsufficientFunds, AlreadyReversed.
    """
    row = locked_manual(command.manual_id)
    if row.state != ManualJournal.State.WAITING:
        raise NotWaiting(state=row.state)
    second_officer(row.drafted_by, call)
    if row.drafted_at != command.drafted_at:
        raise ChangedMeanwhile
    if row.reverses is not None:
        assert row.reverses.journal is not None, row
        row.journal = reverse(row.reverses.journal, row.number, call)
        row.value_on = call.on
    else:
        checked_value_date(row.value_on, call)
        open_accounts([account for account, _, _ in row.legs], call)
        (row.journal,) = post([_journal(row)], call)
    row.state = ManualJournal.State.POSTED
    row.decided_by, row.decided_at = call.actor, call.at
    return moved(row)


def _journal(row: ManualJournal) -> Journal:
    legs = tuple(Leg(account, Money(int(minor), currency)) for account, minor, currency in row.legs)
    return Journal("manual", row.number, row.value_on, legs)
