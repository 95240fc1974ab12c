"""Capture a hold: the held money moves, by a journal."""

from __future__ import annotations

from rongqiao.finance.bookkeeping import Journal
from rongqiao.money.ledger.operations import writers
from rongqiao.platform.operations import Call, part_key


def capture_hold(hold_id: int, journal: Journal, call: Call) -> int:
    """End a hold by `journal`, inside the caller's operation; return the journal's number.

    The journal debits the held account by at most what was held; the rest is given back. Raises
    UnknownHold, HoldEnded, HoldExpired, MoreThanHeld and the refusals of posting.
    """
    return writers.capture_hold(part_key(), hold_id, journal, call)
