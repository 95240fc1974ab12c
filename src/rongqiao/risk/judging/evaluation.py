"""What an expression means: kinds checked once, then closures that answer for any values at all.

A value that is not there, or not of its kind, or comes of a division by nothing, is *unknown*.
Unknown goes through arithmetic, comparison, `in` and `between`; `not` of it is unknown; `and` is
false where one part is false and else unknown where one is unknown; `or` is true where one part is
true and else unknown where one is unknown (Kleene, Introduction to Metamathematics, 1952, § 64).
Only `is missing` always answers. So a rule never fires upon what is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from typing import Any

from rongqiao.finance.months import add_months
from rongqiao.risk.judging.expressions import (
    BadExpression,
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
    names_in,
    parse,
)
from rongqiao.risk.judging.features import Value


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    DATE = "date"


Values = Mapping[str, Value]
Meaning = Callable[[Values], Any]
_TYPES: dict[Kind, type] = {
    Kind.NUMBER: Decimal,
    Kind.TEXT: str,
    Kind.FLAG: bool,
    Kind.DATE: date,
}
# Nothing is trapped: what overflows or divides by nothing is no finite number, hence unknown.
EXACT = Context(prec=28, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])
_MONTHS_MOST = 12_000
# A number beyond is a fault of its source, and no amount, age or count.
_NUMBER_MOST = Decimal(10) ** 20


@dataclass(frozen=True)
class Expression:
    """A tree with its kind, the names it looks at and its meaning, made once."""

    tree: Node
    kind: Kind
    names: tuple[str, ...]
    meaning: Meaning

    def of(self, values: Values) -> Value:
        """Return the value for these values, None for unknown; never raises."""
        known: Value = self.meaning(values)
        return known


def compiled(text: str, kinds: Mapping[str, Kind], wanted: Kind | None = None) -> Expression:
    """Return an expression over names of these kinds; raises BadExpression for any other."""
    tree = parse(text)
    meaning, kind = _compile(tree, kinds)
    if wanted is not None and kind is not wanted:
        raise BadExpression(1, f"it gives a {kind}, a {wanted} is needed")
    return Expression(tree, kind, names_in(tree), meaning)


def known(value: object, kind: Kind) -> Value:
    """Return a value of that kind, or None for what is not: a text, a NaN or an infinite number."""
    if type(value) is int:
        value = Decimal(value)
    if type(value) is not _TYPES[kind] or isinstance(value, datetime):
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() and abs(value) <= _NUMBER_MOST else None
    return value  # type: ignore[return-value]  # of one of the four types, by the line above


def _compile(  # noqa: PLR0911 - one a kind of node
    node: Node, kinds: Mapping[str, Kind]
) -> tuple[Meaning, Kind]:
    match node:
        case Name():
            return _name(node, kinds)
        case Number(value):
            return (lambda _: value), Kind.NUMBER
        case Text(word):
            return (lambda _: word), Kind.TEXT
        case Flag(flag):
            return (lambda _: flag), Kind.FLAG
        case Day(day):
            return (lambda _: day), Kind.DATE
        case Minus() | Sum() | Call():
            return _reckon(node, kinds)
        case _:
            return _judge(node, kinds), Kind.FLAG


def _name(node: Name, kinds: Mapping[str, Kind]) -> tuple[Meaning, Kind]:
    kind = kinds.get(node.name)
    if kind is None:
        raise BadExpression(node.at, f"{node.name!r} is no feature of this policy")
    name, needed = node.name, _TYPES[kind]
    if kind is not Kind.NUMBER:
        return (lambda values: _of_type(values.get(name), needed)), kind

    def number(values: Values) -> Decimal | None:
        value = values.get(name)
        return value if type(value) is Decimal and value.is_finite() else None

    return number, kind


def _of_type(value: object, needed: type) -> object:
    # `type … is`: True is no number and a moment no date, though Python's isinstance says so.
    return value if type(value) is needed else None


def _reckon(node: Minus | Sum | Call, kinds: Mapping[str, Kind]) -> tuple[Meaning, Kind]:
    match node:
        case Minus(part):
            inner = _wanted(part, kinds, Kind.NUMBER)
            return _lifted((inner,), EXACT.minus), Kind.NUMBER
        case Sum(sign, left, right):
            return _sum(node, sign, _compile(left, kinds), _compile(right, kinds))
        case Call("years", (start, end)):
            ends = _wanted(start, kinds, Kind.DATE), _wanted(end, kinds, Kind.DATE)
            return _lifted(ends, _years), Kind.NUMBER
        case Call("plus_months", (start, months)):
            parts = _wanted(start, kinds, Kind.DATE), _wanted(months, kinds, Kind.NUMBER)
            return _lifted(parts, _plus_months), Kind.DATE
        case Call(name, arguments):
            pairs = [_compile(part, kinds) for part in arguments]
            kind = pairs[0][1]
            if kind not in (Kind.NUMBER, Kind.DATE) or any(one is not kind for _, one in pairs):
                raise BadExpression(node.at, f"{name} takes numbers, or dates, not both")
            most: Callable[..., Any] = min if name == "min" else max
            return _lifted(tuple(meaning for meaning, _ in pairs), most), kind
    raise AssertionError(node)


def _sum(
    node: Node, sign: str, left: tuple[Meaning, Kind], right: tuple[Meaning, Kind]
) -> tuple[Meaning, Kind]:
    parts, kinds = (left[0], right[0]), (left[1], right[1])
    if kinds == (Kind.NUMBER, Kind.NUMBER):
        works = {
            "+": EXACT.add,
            "-": EXACT.subtract,
            "*": EXACT.multiply,
            "/": EXACT.divide,
        }
        return _lifted(parts, works[sign]), Kind.NUMBER
    if kinds == (Kind.DATE, Kind.DATE) and sign == "-":
        return _lifted(parts, lambda one, other: Decimal((one - other).days)), Kind.NUMBER
    if kinds == (Kind.DATE, Kind.NUMBER) and sign in "+-":
        way = 1 if sign == "+" else -1
        return _lifted(parts, lambda day, days: _plus_days(day, days, way)), Kind.DATE
    raise BadExpression(node.at, f"a {kinds[0]} {sign} a {kinds[1]} means nothing")


def _judge(  # noqa: PLR0911 - one a kind of node
    node: Node, kinds: Mapping[str, Kind]
) -> Meaning:
    match node:
        case Every(parts):
            return _every(tuple(_wanted(part, kinds, Kind.FLAG) for part in parts))
        case Some(parts):
            return _some(tuple(_wanted(part, kinds, Kind.FLAG) for part in parts))
        case Not(part):
            inner = _wanted(part, kinds, Kind.FLAG)
            return _lifted((inner,), lambda flag: not flag)
        case Missing(part):
            seen, _ = _compile(part, kinds)
            return lambda values: seen(values) is None
        case In(part, items):
            return _in(node, items, _compile(part, kinds))
        case Compare(sign, left, right):
            return _compare(node, sign, _compile(left, kinds), _compile(right, kinds))
        case Between(part, low, high):
            pairs = [_compile(one, kinds) for one in (part, low, high)]
            _check_ordered(node, [kind for _, kind in pairs])
            ends = tuple(meaning for meaning, _ in pairs)
            return _lifted(ends, lambda value, least, most: least <= value <= most)
        case _:
            raise AssertionError(node)


def _every(parts: tuple[Meaning, ...]) -> Meaning:
    def meaning(values: Values) -> bool | None:
        answer: bool | None = True
        for part in parts:
            flag = part(values)
            if flag is False:
                return False
            if flag is None:
                answer = None
        return answer

    return meaning


def _some(parts: tuple[Meaning, ...]) -> Meaning:
    def meaning(values: Values) -> bool | None:
        answer: bool | None = False
        for part in parts:
            flag = part(values)
            if flag is True:
                return True
            if flag is None:
                answer = None
        return answer

    return meaning


def _in(node: Node, items: tuple[Decimal | str | date, ...], part: tuple[Meaning, Kind]) -> Meaning:
    needed = _TYPES[part[1]]
    if any(type(item) is not needed for item in items):
        raise BadExpression(node.at, f"every item of the list must be a {part[1]}")
    listed = frozenset(items)
    return _lifted((part[0],), lambda value: value in listed)


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda one, other: bool(one == other),
    "!=": lambda one, other: bool(one != other),
    "<": lambda one, other: bool(one < other),
    "<=": lambda one, other: bool(one <= other),
    ">": lambda one, other: bool(one > other),
    ">=": lambda one, other: bool(one >= other),
}


def _compare(
    node: Node, sign: str, left: tuple[Meaning, Kind], right: tuple[Meaning, Kind]
) -> Meaning:
    kinds = [left[1], right[1]]
    if sign in ("==", "!="):
        if kinds[0] is not kinds[1]:
            raise BadExpression(node.at, f"a {kinds[0]} is never a {kinds[1]}")
    else:
        _check_ordered(node, kinds)
    return _lifted((left[0], right[0]), _SIGNS[sign])


def _check_ordered(node: Node, kinds: list[Kind]) -> None:
    if kinds[0] not in (Kind.NUMBER, Kind.DATE) or any(kind is not kinds[0] for kind in kinds):
        told = ", ".join(kinds)
        raise BadExpression(node.at, f"numbers, or dates, have an order; here: {told}")


def _wanted(node: Node, kinds: Mapping[str, Kind], wanted: Kind) -> Meaning:
    meaning, kind = _compile(node, kinds)
    if kind is not wanted:
        raise BadExpression(node.at, f"a {wanted} is needed here, not a {kind}")
    return meaning


def _lifted(parts: tuple[Meaning, ...], work: Callable[..., Any]) -> Meaning:
    """Return the meaning that is unknown where a part is, or where the work has no finite end."""
    if len(parts) == 1:
        return _lifted_one(parts[0], work)

    def meaning(values: Values) -> Any:
        known_parts = []
        for part in parts:
            value = part(values)
            if value is None:
                return None
            known_parts.append(value)
        return _finite(work(*known_parts))

    return meaning


def _lifted_one(part: Meaning, work: Callable[..., Any]) -> Meaning:
    def meaning(values: Values) -> Any:
        value = part(values)
        return None if value is None else _finite(work(value))

    return meaning


def _finite(value: Any) -> Any:
    return None if type(value) is Decimal and not value.is_finite() else value


def _whole(number: Decimal, most: int) -> int | None:
    return int(number) if abs(number) <= most and number == int(number) else None


def _plus_days(day: date, days: Decimal, way: int) -> date | None:
    whole = _whole(days, 4_000_000)
    if whole is None:
        return None
    try:
        return day + timedelta(days=way * whole)
    except OverflowError:
        return None


def _plus_months(day: date, months: Decimal) -> date | None:
    whole = _whole(months, _MONTHS_MOST)
    if whole is None:
        return None
    try:
        return add_months(day, whole)
    except OverflowError:
        return None


def _years(start: date, end: date) -> Decimal:
    """Return completed years; somebody born on 29 February has aged on 1 March."""
    return Decimal(end.year - start.year - ((end.month, end.day) < (start.month, start.day)))
