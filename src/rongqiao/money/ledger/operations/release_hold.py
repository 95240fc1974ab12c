"""Release a hold: the money can be spent again."""

from __future__ import annotations

from rongqiao.money.ledger.operations import writers
from rongqiao.platform.operations import Call, part_key


def release_hold(hold_id: int, call: Call) -> None:
    """Give back all that a hold kept, inside the caller's operation.

    Raises UnknownHold, HoldEnded.
    """
    writers.release_hold(part_key(), hold_id, call)
