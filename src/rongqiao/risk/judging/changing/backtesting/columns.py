"""Expressions over whole columns at once: what `evaluation.py` means, a hundred thousand at a time.

Numbers are float64 here and Decimal there. What is only compared is the same in both; what was
reckoned may differ in the last place. So a comparison of reckoned numbers that comes near a tie
puts the row in doubt, and the caller judges the rows in doubt one by one, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from rongqiao.risk.judging.changing.backtesting.cases import Flags, Real, Whole
from rongqiao.risk.judging.evaluation import Kind
from rongqiao.risk.judging.expressions import (
    Between,
    Call,
    Compare,
    Day,
    Every,
    Flag,
    In,
    Minus,
    Missing,
    Name,
    Node,
    Not,
    Number,
    Some,
    Sum,
    Text,
)
from rongqiao.risk.judging.features import Value

# Twenty thousand times what float64 can tell apart at 1; far below any figure of a policy.
NEAR = 1e-10
# So many decimal digits go into a float64 and come back the same (DBL_DIG of C).
DIGITS = 15
_EPOCH = date(1970, 1, 1).toordinal()
_MONTHS_MOST = 12000


@dataclass(frozen=True)
class Column:
    """One value a row: float64 (numbers, days since 1970, flags as 0 and 1), or codes of `words`.

    `known` is where there is a value. `slack` is by how much a value may be off where it was
    reckoned with rounding; None where it was not.
    """

    kind: Kind
    values: Real
    known: Flags
    words: tuple[str, ...] = ()
    slack: Real | float | None = None


@dataclass
class Sheet:
    """Named columns of one length, and the rows that came into doubt so far."""

    rows: int
    columns: Mapping[str, Column]
    doubt: Flags = field(init=False)

    def __post_init__(self) -> None:
        """Begin without a doubt."""
        self.doubt = np.zeros(self.rows, np.bool_)

    def near(self, one: Column, other: Column) -> None:
        """Put in doubt where two numbers, one of them reckoned, lie too near each other."""
        if one.slack is None and other.slack is None:
            return
        size = np.maximum(1.0, np.maximum(np.abs(one.values), np.abs(other.values)))
        bound = NEAR * size + _slack(one) + _slack(other)
        close = np.abs(one.values - other.values) <= bound
        self.doubt |= close & one.known & other.known


def column_of(values: Sequence[Value], kind: Kind) -> Column:
    """Return a column of features; what is not of the kind is not known."""
    if kind is Kind.TEXT:
        return _text_column(values)
    if kind is Kind.NUMBER:
        known = np.fromiter(
            (type(one) is Decimal and one.is_finite() for one in values), np.bool_, len(values)
        )
        plain = np.array([float(one) if type(one) is Decimal else 0.0 for one in values])
        # More digits than float64 keeps apart: what was divided before it came here.
        is_long = any(
            type(one) is Decimal and len(one.as_tuple().digits) > DIGITS for one in values
        )
        return Column(kind, np.where(known, plain, 0.0), known, slack=0.0 if is_long else None)
    needed = bool if kind is Kind.FLAG else date
    known = np.fromiter((type(one) is needed for one in values), np.bool_, len(values))
    days = (_number(one) if ok else 0.0 for one, ok in zip(values, known, strict=True))
    return Column(kind, np.fromiter(days, np.float64, len(values)), known)


def numbers(values: npt.ArrayLike, slack: Real | float | None = None) -> Column:
    """Return a column of numbers, all of them known but NaN."""
    plain = np.asarray(values, np.float64)
    known = np.isfinite(plain)
    return Column(Kind.NUMBER, np.where(known, plain, 0.0), known, slack=slack)


def texts(codes: npt.ArrayLike, words: Sequence[str]) -> Column:
    """Return a column of texts by their places in `words`, all of them known."""
    plain = np.asarray(codes, np.float64)
    return Column(Kind.TEXT, plain, np.ones(len(plain), np.bool_), tuple(words))


def days_of(days: Sequence[date]) -> Column:
    """Return a column of dates, all of them known."""
    return column_of(days, Kind.DATE)


def _number(value: Value) -> float:
    return float(value.toordinal() - _EPOCH) if isinstance(value, date) else float(bool(value))


def _text_column(values: Sequence[Value]) -> Column:
    codes: dict[str, int] = {}
    found = np.fromiter(
        (codes.setdefault(one, len(codes)) if type(one) is str else -1 for one in values),
        np.float64,
        len(values),
    )
    return Column(Kind.TEXT, found, np.asarray(found >= 0, np.bool_), tuple(codes))


def evaluate(node: Node, sheet: Sheet) -> Column:
    """Return what an expression, compiled before and so sound, comes to in every row."""
    match node:
        case Name(name):
            return sheet.columns[name]
        case Number(value):
            return _constant(Kind.NUMBER, float(value), sheet)
        case Text(word):
            return _constant(Kind.TEXT, 0.0, sheet, (word,))
        case Flag() | Day():
            kind = Kind.FLAG if isinstance(node, Flag) else Kind.DATE
            return _constant(kind, _number(node.value), sheet)
        case Minus() | Sum() | Call():
            return _reckoned(node, sheet)
        case _:
            return _judged(node, sheet)


def _constant(kind: Kind, value: float, sheet: Sheet, words: tuple[str, ...] = ()) -> Column:
    return Column(kind, np.full(sheet.rows, value), np.ones(sheet.rows, np.bool_), words)


def _reckoned(node: Minus | Sum | Call, sheet: Sheet) -> Column:
    match node:
        case Minus(part):
            inner = evaluate(part, sheet)
            return Column(inner.kind, -inner.values, inner.known, slack=inner.slack)
        case Sum(sign, left, right):
            return _sum(sign, evaluate(left, sheet), evaluate(right, sheet))
        case Call("years", (start, end)):
            return _years(evaluate(start, sheet), evaluate(end, sheet))
        case Call("plus_months", (start, months)):
            return _plus_months(evaluate(start, sheet), evaluate(months, sheet))
        case Call(name, parts):
            found = [evaluate(part, sheet) for part in parts]
            most = np.minimum if name == "min" else np.maximum
            return Column(
                found[0].kind,
                np.asarray(most.reduce([one.values for one in found]), np.float64),
                _all([one.known for one in found]),
                slack=_most_slack(found),
            )


_WORKS: dict[str, Callable[..., Real]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
}


def _sum(sign: str, left: Column, right: Column) -> Column:
    known = left.known & right.known
    if left.kind is Kind.DATE and right.kind is Kind.DATE:
        return Column(Kind.NUMBER, left.values - right.values, known)
    if left.kind is Kind.DATE:
        known = known & (right.values == np.floor(right.values))
        return Column(Kind.DATE, _WORKS[sign](left.values, right.values), known)
    with np.errstate(all="ignore"):
        values = _WORKS[sign](left.values, right.values)
        finite = np.isfinite(values)
        slack = _slack_of_sum(sign, left, right)
    return Column(
        Kind.NUMBER,
        np.where(finite, values, 0.0),
        known & finite,
        slack=np.where(np.isfinite(slack), slack, 0.0),
    )


def _slack_of_sum(sign: str, left: Column, right: Column) -> Real:
    """Return by how much the result of a sum may be off, given by how much its parts may be."""
    one, other = _slack(left), _slack(right)
    if sign in "+-":
        return np.zeros(len(left.values)) + one + other
    if sign == "*":
        return np.asarray(one * np.abs(right.values) + other * np.abs(left.values))
    return np.asarray((one + other * np.abs(left.values / right.values)) / np.abs(right.values))


def _slack(column: Column) -> Real | float:
    return 0.0 if column.slack is None else column.slack


def _most_slack(columns: Sequence[Column]) -> Real | float | None:
    if all(one.slack is None for one in columns):
        return None
    slack = np.zeros(len(columns[0].values))
    for one in columns:
        slack = np.maximum(slack, _slack(one))
    return slack


def _years(start: Column, end: Column) -> Column:
    first, last = _calendar(start), _calendar(end)
    is_before = (last[1] < first[1]) | ((last[1] == first[1]) & (last[2] < first[2]))
    years = (last[0] - first[0] - is_before).astype(np.float64)
    return Column(Kind.NUMBER, years, start.known & end.known)


def _calendar(column: Column) -> tuple[Whole, Whole, Whole]:
    """Return year, month (0 to 11) and day of the month of each date."""
    days = column.values.astype(np.int64).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    count = months.astype(np.int64)
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    return count // 12 + 1970, count % 12, day


def _plus_months(start: Column, months: Column) -> Column:
    whole = (months.values == np.floor(months.values)) & (np.abs(months.values) <= _MONTHS_MOST)
    added = np.where(whole, months.values, 0).astype(np.int64)
    days = start.values.astype(np.int64).astype("datetime64[D]")
    begins = days.astype("datetime64[M]")
    of_month = days - begins.astype("datetime64[D]")
    lands = begins + added
    last = (lands + 1).astype("datetime64[D]") - lands.astype("datetime64[D]")
    moved = lands.astype("datetime64[D]") + np.minimum(of_month, last - 1)
    known = start.known & months.known & whole
    return Column(Kind.DATE, moved.astype(np.int64).astype(np.float64), known)


def _judged(node: Node, sheet: Sheet) -> Column:
    match node:
        case Every(parts) | Some(parts):
            found = [evaluate(part, sheet) for part in parts]
            return _kleene(found, is_every=isinstance(node, Every))
        case Not(part) | Missing(part):
            inner = evaluate(part, sheet)
            if isinstance(node, Not):
                return Column(Kind.FLAG, 1.0 - inner.values, inner.known)
            return _flags(~inner.known, np.ones(sheet.rows, np.bool_))
        case In(part, items):
            return _in(evaluate(part, sheet), items, sheet)
        case Compare(sign, left, right):
            return _compared(sign, evaluate(left, sheet), evaluate(right, sheet), sheet)
        case Between(part, low, high):
            value = evaluate(part, sheet)
            ends = (
                _compared(">=", value, evaluate(low, sheet), sheet),
                _compared("<=", value, evaluate(high, sheet), sheet),
            )
            known = ends[0].known & ends[1].known
            return _flags((ends[0].values > 0) & (ends[1].values > 0), known)
        case _:
            raise AssertionError(node)


_SIGNS: dict[str, Callable[..., Flags]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def _compared(sign: str, left: Column, right: Column, sheet: Sheet) -> Column:
    if left.kind is Kind.TEXT:
        right = _recoded(right, left)
    elif left.kind is Kind.NUMBER:
        sheet.near(left, right)
    return _flags(_SIGNS[sign](left.values, right.values), left.known & right.known)


def _recoded(column: Column, other: Column) -> Column:
    """Return a column of texts with the codes that another one has for the same words."""
    codes = {word: code for code, word in enumerate(other.words)}
    mine = [codes.get(word, len(codes) + n) for n, word in enumerate(column.words)]
    # What is not known has the code -1, which here picks the last entry.
    table = np.array([*mine, -1], np.float64)
    return Column(Kind.TEXT, table[column.values.astype(np.int64)], column.known)


def _in(column: Column, items: Sequence[Decimal | str | date], sheet: Sheet) -> Column:
    if column.kind is Kind.TEXT:
        wanted = set(items)
        listed = np.array([*(word in wanted for word in column.words), False], np.bool_)
        return _flags(listed[column.values.astype(np.int64)], column.known)
    found = np.zeros(sheet.rows, np.bool_)
    for item in items:
        plain = float(item) if isinstance(item, Decimal) else _number(item)
        if column.kind is Kind.NUMBER:
            sheet.near(column, _constant(Kind.NUMBER, plain, sheet))
        found |= column.values == plain
    return _flags(found, column.known)


def _kleene(parts: list[Column], *, is_every: bool) -> Column:
    """Return `and` or `or`: one part that settles it is enough, else all must be known."""
    settled = np.zeros(len(parts[0].values), np.bool_)
    for part in parts:
        settled |= part.known & ((part.values == 0) if is_every else (part.values > 0))
    known = settled | _all([part.known for part in parts])
    return _flags(~settled if is_every else settled, known)


def _all(masks: list[Flags]) -> Flags:
    return np.asarray(np.logical_and.reduce(masks), np.bool_)


def _flags(values: Flags, known: Flags) -> Column:
    return Column(Kind.FLAG, np.asarray(values, np.float64), known)
