"""Post journals: the one way that money moves in the books."""

from __future__ import annotations

from collections.abc import Sequence

from rongqiao.finance.bookkeeping import Journal
from rongqiao.money.ledger.operations import writers
from rongqiao.platform.operations import Call, part_key


def post(journals: Sequence[Journal], call: Call) -> tuple[int, ...]:
    """Post `journals` inside the caller's operation, in one round trip; return their numbers.

    All or none. Raises UnknownAccount, InsufficientFunds, Unbalanced, AmountOutOfRange,
    BalanceOutOfRange; after any of them the operation can only end.
    """
    if not journals:
        return ()
    return writers.post_batch([part_key() for _ in journals], journals, call)
