"""What many wallets can spend, read in one query."""

from __future__ import annotations

from collections.abc import Sequence

from rongqiao.finance.money import Money
from rongqiao.money.ledger.chart import Mode, line_of
from rongqiao.money.ledger.models import Account


def available_in(codes: Sequence[str]) -> dict[str, Money]:
    """Return balance less held of those of `codes` that exist; of accounts kept row by row only."""
    lines = [line_of(code) for code in codes]
    assert all(line is not None and line.mode is Mode.PLAIN for line in lines), codes
    rows = Account.objects.filter(code__in=list(codes))
    return {row.code: Money(row.balance_minor - row.held_minor, row.currency) for row in rows}
