"""Ratios of a firm's statements; one that has no meaning is not scored, and says why.

Definitions follow 国资发评价〔2006〕157号 (中央企业综合绩效评价实施细则) where it names the ratio:
stocks are the average of the two ends of the year where both are known, else those of its end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from rongqiao.risk.enterprise.statements import Statement

NOT_POSITIVE = "denominator-not-positive"
MISSING = "figure-missing"
BASE_NOT_POSITIVE = "base-not-positive"
NO_YEAR_BEFORE = "no-year-before"
DAYS = Decimal(365)

Pair = tuple[Decimal | None, Decimal | None]
Maker = Callable[["Years"], Pair]


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """One ratio: its value, or None and the code of why it has none."""

    code: str
    value: Decimal | None
    why_not: str = ""


@dataclass(frozen=True)
class Years:
    """A year's statement and the one before, if there is one."""

    now: Statement
    before: Statement | None

    def flow(self, name: str) -> Decimal | None:
        """Return an income or cash figure of the year, brought to twelve months."""
        value: Decimal | None = getattr(self.now, name)
        return None if value is None else value * 12 / self.now.months

    def flow_before(self, name: str) -> Decimal | None:
        """Return the year before's figure, brought to twelve months."""
        if self.before is None:
            return None
        value: Decimal | None = getattr(self.before, name)
        return None if value is None else value * 12 / self.before.months

    def stock(self, name: str) -> Decimal | None:
        """Return a balance of the year: the mean of its two ends, else its end."""
        end: Decimal | None = getattr(self.now, name)
        start: Decimal | None = getattr(self.before, name) if self.before else None
        return end if end is None or start is None else (end + start) / 2

    def end(self, name: str) -> Decimal | None:
        """Return a balance at the year's end."""
        value: Decimal | None = getattr(self.now, name)
        return value


def ratios(now: Statement, before: Statement | None = None) -> dict[str, Ratio]:
    """Return every ratio by its code; all are plain fractions, times or days, none a percentage.

    A denominator of nothing or less gives no value: a loss over negative equity is no good return.
    """
    years = Years(now, before)
    made = {code: _over(code, *make(years)) for code, make in _OVER.items()}
    for code, name in _GROWTH.items():
        made[code] = _growth(code, years, name)
    return made


def _over(code: str, above: Decimal | None, below: Decimal | None) -> Ratio:
    if above is None or below is None:
        return Ratio(code=code, value=None, why_not=MISSING)
    if below <= 0:
        return Ratio(code=code, value=None, why_not=NOT_POSITIVE)
    return Ratio(code=code, value=above / below)


def _growth(code: str, years: Years, name: str) -> Ratio:
    if years.before is None:
        return Ratio(code=code, value=None, why_not=NO_YEAR_BEFORE)
    is_stock = name in {"total_assets", "equity"}
    now = years.end(name) if is_stock else years.flow(name)
    base: Decimal | None = getattr(years.before, name) if is_stock else years.flow_before(name)
    if now is None or base is None:
        return Ratio(code=code, value=None, why_not=MISSING)
    if base <= 0:
        return Ratio(code=code, value=None, why_not=BASE_NOT_POSITIVE)
    return Ratio(code=code, value=now / base - 1)


def _less(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one - other


def _days(stock: Decimal | None) -> Decimal | None:
    return None if stock is None else stock * DAYS


def _preserved(years: Years) -> Pair:
    return years.end("equity"), None if years.before is None else years.before.equity


def _costs(years: Years) -> Decimal | None:
    parts = [years.flow(name) for name in ("cost_of_sales", "selling_and_administrative")]
    if any(part is None for part in parts):
        return None
    return sum((part for part in parts if part is not None), Decimal(0))


def _ebit(years: Years) -> Decimal | None:
    ebit = years.now.earnings
    return None if ebit is None else ebit * 12 / years.now.months


_OVER: dict[str, Maker] = {
    # 盈利能力
    "return-on-equity": lambda y: (y.flow("net_profit"), y.stock("equity")),
    "return-on-assets": lambda y: (_ebit(y), y.stock("total_assets")),
    "net-return-on-assets": lambda y: (y.flow("net_profit"), y.stock("total_assets")),
    "gross-margin": lambda y: (
        _less(y.flow("revenue"), y.flow("cost_of_sales")),
        y.flow("revenue"),
    ),
    "operating-margin": lambda y: (y.flow("operating_profit"), y.flow("revenue")),
    "net-margin": lambda y: (y.flow("net_profit"), y.flow("revenue")),
    "cost-profit": lambda y: (y.flow("profit_before_tax"), _costs(y)),
    "cash-in-profit": lambda y: (y.flow("operating_cash_flow"), y.flow("net_profit")),
    # 资产质量
    "asset-turnover": lambda y: (y.flow("revenue"), y.stock("total_assets")),
    "current-asset-turnover": lambda y: (y.flow("revenue"), y.stock("current_assets")),
    "receivable-turnover": lambda y: (y.flow("revenue"), y.stock("receivables")),
    "inventory-turnover": lambda y: (y.flow("cost_of_sales"), y.stock("inventories")),
    "days-inventory": lambda y: (_days(y.stock("inventories")), y.flow("cost_of_sales")),
    "days-sales": lambda y: (_days(y.stock("receivables")), y.flow("revenue")),
    "days-payables": lambda y: (_days(y.stock("payables")), y.flow("purchases")),
    # 债务风险
    "debt-to-assets": lambda y: (y.end("total_liabilities"), y.end("total_assets")),
    "bearing-debt-to-assets": lambda y: (y.end("interest_bearing_debt"), y.end("total_assets")),
    "bearing-debt-to-equity": lambda y: (y.end("interest_bearing_debt"), y.end("equity")),
    "interest-cover": lambda y: (_ebit(y), y.flow("interest_expense")),
    "current-ratio": lambda y: (y.end("current_assets"), y.end("current_liabilities")),
    "quick-ratio": lambda y: (
        _less(y.end("current_assets"), y.end("inventories")),
        y.end("current_liabilities"),
    ),
    "cash-to-current-debt": lambda y: (
        y.flow("operating_cash_flow"),
        y.end("current_liabilities"),
    ),
    "cash-to-bearing-debt": lambda y: (
        y.flow("operating_cash_flow"),
        y.end("interest_bearing_debt"),
    ),
    # 经营增长
    "capital-preserved": _preserved,
    # What DuPont's identities need beside the above.
    "equity-multiplier": lambda y: (y.stock("total_assets"), y.stock("equity")),
    "tax-burden": lambda y: (y.flow("net_profit"), y.flow("profit_before_tax")),
    "interest-burden": lambda y: (y.flow("profit_before_tax"), _ebit(y)),
    "ebit-margin": lambda y: (_ebit(y), y.flow("revenue")),
}
_GROWTH = {
    "revenue-growth": "revenue",
    "asset-growth": "total_assets",
    "equity-growth": "equity",
    "profit-growth": "operating_profit",
}
CODES = (*_OVER, *_GROWTH)
