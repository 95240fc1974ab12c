"""A firm's financial statements of one period, as plain numbers in yuan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation

# So many yuan fit no small firm's statement; a figure beyond it is a mistake of unit.
LARGEST = Decimal("1e13")


class BadStatement(ValueError):
    """A statement that cannot be read; `field` and `problem` say which figure and why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Balance sheet, income and cash flow of one financial year (or part of it) in yuan.

    A figure nobody gave is None, never 0. Costs and debts are positive numbers.
    """

    ends_on: date
    months: int = 12
    # Income.
    revenue: Decimal | None = None
    cost_of_sales: Decimal | None = None
    selling_and_administrative: Decimal | None = None
    depreciation: Decimal | None = None
    operating_profit: Decimal | None = None
    ebit: Decimal | None = None
    interest_expense: Decimal | None = None
    profit_before_tax: Decimal | None = None
    net_profit: Decimal | None = None
    purchases: Decimal | None = None
    # Cash flow.
    operating_cash_flow: Decimal | None = None
    capital_expenditure: Decimal | None = None
    # Balance sheet at `ends_on`.
    cash: Decimal | None = None
    short_term_investments: Decimal | None = None
    receivables: Decimal | None = None
    inventories: Decimal | None = None
    current_assets: Decimal | None = None
    fixed_assets: Decimal | None = None
    total_assets: Decimal | None = None
    payables: Decimal | None = None
    current_liabilities: Decimal | None = None
    interest_bearing_debt: Decimal | None = None
    total_liabilities: Decimal | None = None
    retained_earnings: Decimal | None = None
    equity: Decimal | None = None

    @property
    def earnings(self) -> Decimal | None:
        """Return profit before interest and tax: as stated, as added up, else operating profit.

        Chinese statements deduct interest before the operating profit, so that it comes last.
        """
        if self.ebit is not None:
            return self.ebit
        if self.profit_before_tax is not None and self.interest_expense is not None:
            return self.profit_before_tax + self.interest_expense
        return self.operating_profit


FIGURES = tuple(
    field.name for field in fields(Statement) if field.name not in {"ends_on", "months"}
)
# What a balance sheet cannot have below nothing; profits, flows and equity may be negative.
_NEVER_NEGATIVE = frozenset(FIGURES) - {
    "operating_profit",
    "ebit",
    "profit_before_tax",
    "net_profit",
    "operating_cash_flow",
    "retained_earnings",
    "equity",
}


def read_statement(ends_on: date, months: int, figures: Mapping[str, object]) -> Statement:
    """Return the statement of `figures` (yuan, as text or number, by field name).

    Raises BadStatement for an unknown field, what is no number, a negative stock or a mistaken
    unit.
    """
    if not 1 <= months <= 12:
        raise BadStatement("months", f"{months}; allowed: 1 to 12")
    unknown = sorted(set(figures) - set(FIGURES))
    if unknown:
        raise BadStatement(unknown[0], "no figure of a statement")
    read = {name: _number(name, value) for name, value in figures.items()}
    return Statement(ends_on=ends_on, months=months, **read)


def contradictions(statement: Statement, tolerance: Decimal = Decimal("0.01")) -> tuple[str, ...]:
    """Return the codes of sums that do not add up by more than `tolerance` of total assets."""
    found = []
    room = (statement.total_assets or Decimal(0)) * tolerance
    for code, whole, parts in _sums(statement):
        if whole is None or any(part is None for part in parts):
            continue
        if abs(whole - sum((part for part in parts if part is not None), Decimal(0))) > room:
            found.append(code)
    for code, part, of in _parts_of(statement):
        if part is not None and of is not None and part > of + room:
            found.append(code)
    return tuple(found)


def _sums(one: Statement) -> Iterable[tuple[str, Decimal | None, tuple[Decimal | None, ...]]]:
    yield "assets-unequal", one.total_assets, (one.total_liabilities, one.equity)


def _parts_of(one: Statement) -> Iterable[tuple[str, Decimal | None, Decimal | None]]:
    yield "current-assets-above-all", one.current_assets, one.total_assets
    yield "current-debts-above-all", one.current_liabilities, one.total_liabilities
    yield "cash-above-current", one.cash, one.current_assets
    yield "inventories-above-current", one.inventories, one.current_assets
    yield "receivables-above-current", one.receivables, one.current_assets


def _number(name: str, value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise BadStatement(name, f"{str(value)[:24]!r} is no number") from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise BadStatement(name, f"{str(value)[:24]!r}; allowed: at most {LARGEST:f} yuan")
    if number < 0 and name in _NEVER_NEGATIVE:
        raise BadStatement(name, f"{number} is negative; allowed: 0 or more")
    return number
