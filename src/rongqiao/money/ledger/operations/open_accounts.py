"""Open accounts by their codes; the chart of accounts knows the rest."""

from __future__ import annotations

from collections.abc import Sequence

from rongqiao.finance.money import MINOR_DIGITS
from rongqiao.money.ledger.chart import line_of
from rongqiao.money.ledger.models import NO_FLOOR
from rongqiao.money.ledger.operations import writers
from rongqiao.money.ledger.operations.refusals import OtherCurrency, UnknownFamily
from rongqiao.platform.operations import Call, inside_operation


def open_accounts(codes: Sequence[str], call: Call, currency: str = "CNY") -> int:
    """Open accounts such as `wallet:<party_id>` inside the caller's operation; return how many.

    Codes that exist are left alone. Raises UnknownFamily for a code outside the chart,
    OtherCurrency for a currency that is not kept here, AccountDiffers if the code is taken by an
    account of another kind.
    """
    assert inside_operation(), "accounts opened outside an operation"
    lines = []
    for code in dict.fromkeys(codes):
        line = line_of(code)
        if line is None:
            raise UnknownFamily(account=code)
        if currency not in MINOR_DIGITS:
            raise OtherCurrency(account=code, given=currency, currency=", ".join(MINOR_DIGITS))
        floor = 0 if line.has_floor else NO_FLOOR
        lines.append((code, line.family.value, currency, floor, line.of_platform, line.mode.value))
    return writers.open_accounts(lines, call) if lines else 0
