"""Hold money: it stays in the account but can no longer be spent."""

from __future__ import annotations

from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations import writers
from rongqiao.platform.operations import Call, part_key


def hold(account: str, amount: Money, document: str, call: Call, lasts: int | None = None) -> int:
    """Set `amount` of an account aside inside the caller's operation; return the hold's number.

    With `lasts` (seconds, by the database's clock) it can be captured only so long. Raises
    UnknownAccount, InsufficientFunds, AmountOutOfRange.
    """
    return writers.hold(part_key(), account, amount, document, call, lasts)
