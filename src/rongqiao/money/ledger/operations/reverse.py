"""Reverse a journal: what was wrong is never changed, its opposite is posted."""

from __future__ import annotations

from rongqiao.money.ledger.operations import writers
from rongqiao.platform.operations import Call, part_key


def reverse(journal_id: int, document: str, call: Call) -> int:
    """Post the opposite of a journal on the call's business date; return the new number.

    Inside the caller's operation. Raises UnknownJournal, AlreadyReversed, ReversalOfReversal, and
    InsufficientFunds where the money is no longer there.
    """
    return writers.reverse(part_key(), journal_id, document, call)
