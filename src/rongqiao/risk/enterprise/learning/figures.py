"""Figures of a firm's statements that a model is learnt from: ours beside the Polish set's.

Each is defined as the set's column is (UCI 365, `polish_columns`): balances of the year's end, no
averages. Columns in money or of profits that our statements do not have are left out, and two more
whose absence tells the outcome: of firms without X21 (sales to last year's) 96 % failed, of those
without X27 (cover of financial expenses) 31 %, of all 7 %. That is how the set was gathered and
nothing of a firm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from rongqiao.risk.enterprise.ratios import DAYS, ratios
from rongqiao.risk.enterprise.statements import Statement

PREFIX = "statement."
Part = Decimal | None
Maker = Callable[[Statement], tuple[Part, Part]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure: its feature's name, the set's column, and which way risk goes as it grows.

    `direction` is `rising`, `falling` or `auto` where neither is certain beforehand.
    """

    name: str
    column: str
    direction: str


def figures_of(now: Statement) -> dict[str, Part]:
    """Return every figure of a year's statement by its feature's name; None where it has none.

    A denominator of nothing or less gives no value.
    """
    made: dict[str, Part] = {}
    known = ratios(now)
    for code in _AS_RATED:
        made[PREFIX + code] = known[code].value
    for code, make in _OVER.items():
        made[PREFIX + code] = _over(*make(now))
    return made


def _over(above: Part, below: Part) -> Part:
    return None if above is None or below is None or below <= 0 else above / below


def _plus(one: Part, other: Part) -> Part:
    return None if one is None or other is None else one + other


def _less(one: Part, *others: Part) -> Part:
    for other in others:
        one = None if one is None or other is None else one - other
    return one


def _days(stock: Part) -> Part:
    return None if stock is None else stock * DAYS


def _sales_profit(one: Statement) -> Part:
    return _less(one.revenue, one.cost_of_sales, one.selling_and_administrative)


def _working_capital(one: Statement) -> Part:
    return _less(one.current_assets, one.current_liabilities)


# Without a year before, stocks of these are those of the year's end, as in the set.
_AS_RATED = {
    "net-return-on-assets": ("X1", "falling"),
    "debt-to-assets": ("X2", "rising"),
    "current-ratio": ("X4", "falling"),
    "return-on-assets": ("X7", "falling"),
    "asset-turnover": ("X9", "auto"),
    "net-margin": ("X23", "falling"),
    "operating-margin": ("X42", "falling"),
    "days-sales": ("X44", "auto"),
    "quick-ratio": ("X46", "falling"),
    "days-inventory": ("X47", "auto"),
    "gross-margin": ("X56", "falling"),
    "receivable-turnover": ("X61", "auto"),
}
_OVER: dict[str, Maker] = {
    "working-capital-to-assets": lambda s: (_working_capital(s), s.total_assets),
    "retained-to-assets": lambda s: (s.retained_earnings, s.total_assets),
    "equity-to-debt": lambda s: (s.equity, s.total_liabilities),
    "equity-to-assets": lambda s: (s.equity, s.total_assets),
    "operating-return": lambda s: (s.operating_profit, s.total_assets),
    "cash-profit-to-debt": lambda s: (_plus(s.net_profit, s.depreciation), s.total_liabilities),
    "due-days-of-costs": lambda s: (_days(s.current_liabilities), s.cost_of_sales),
    "sales-return": lambda s: (_sales_profit(s), s.total_assets),
    "quick-to-long-debt": lambda s: (
        _less(s.current_assets, s.inventories),
        _less(s.total_liabilities, s.current_liabilities),
    ),
    "sales-margin": lambda s: (_sales_profit(s), s.revenue),
    "liquid-ratio": lambda s: (
        _less(s.current_assets, s.inventories, s.receivables),
        s.current_liabilities,
    ),
    "current-assets-to-debt": lambda s: (s.current_assets, s.total_liabilities),
    "due-to-assets": lambda s: (s.current_liabilities, s.total_assets),
    "equity-to-fixed": lambda s: (s.equity, s.fixed_assets),
    "inventory-turnover": lambda s: (s.revenue, s.inventories),
    "sales-to-due": lambda s: (s.revenue, s.current_liabilities),
    "sales-to-fixed": lambda s: (s.revenue, s.fixed_assets),
}
_OVER_LEARNT = {
    "working-capital-to-assets": ("X3", "falling"),
    "retained-to-assets": ("X6", "falling"),
    "equity-to-debt": ("X8", "falling"),
    "equity-to-assets": ("X10", "falling"),
    "operating-return": ("X22", "falling"),
    "cash-profit-to-debt": ("X26", "falling"),
    "due-days-of-costs": ("X32", "auto"),
    "sales-return": ("X35", "falling"),
    "quick-to-long-debt": ("X37", "auto"),
    "sales-margin": ("X39", "falling"),
    "liquid-ratio": ("X40", "falling"),
    "current-assets-to-debt": ("X50", "falling"),
    "due-to-assets": ("X51", "rising"),
    "equity-to-fixed": ("X53", "falling"),
    "inventory-turnover": ("X60", "auto"),
    "sales-to-due": ("X63", "auto"),
    "sales-to-fixed": ("X64", "auto"),
}
LEARNT = tuple(
    Figure(name=PREFIX + code, column=column, direction=direction)
    for code, (column, direction) in {**_AS_RATED, **_OVER_LEARNT}.items()
)
# Absent where a firm has no fixed assets, inventories or long debts: that is known, not unsaid.
OFTEN_ABSENT = frozenset(
    PREFIX + code
    for code in ("quick-to-long-debt", "equity-to-fixed", "inventory-turnover", "sales-to-fixed")
)
