"""The language of a policy's rules: read from text into a tree, and printed back the same.

    months-established >= 6 and not (employment in ("none", "freelance"))
    bureau.overdue-count is missing or score between 570 and 640
    plus_months(born-on, 12 * 18) > decided-on

Names are features, dotted and with dashes (`bureau.overdue-count`), so minus stands between blanks.
There are numbers (decimal, never binary), texts in double quotes, `true` and `false`, dates as
`date"2026-01-05"`; comparison (`== != < <= > >=`), `in (…)`, `between … and …`, `is missing`, each
with its `not`; `+ - * /`; and the functions of `FUNCTIONS`. What a tree means is `evaluation.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from rongqiao.risk.judging.features import Value

LENGTH_MAX, DEPTH_MAX, ITEMS_MAX = 2000, 40, 500
# How many arguments each takes, at least and at most.
FUNCTIONS = {"min": (2, 8), "max": (2, 8), "years": (2, 2), "plus_months": (2, 2)}
KEYWORDS = frozenset({"and", "or", "not", "in", "between", "is", "missing", "true", "false"})
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*")

# `->` would read as minus and greater; longer signs come first.
_TOKEN = re.compile(
    r"""\s*(?:(?P<date>date"\d{4}-\d{2}-\d{2}")
    |(?P<name>[A-Za-z][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*)
    |(?P<number>\d{1,20}(?:\.\d{1,12})?(?![\w.]))
    |(?P<text>"(?:[^"\\]|\\["\\])*")
    |(?P<sign>==|!=|<=|>=|[<>+\-*/(),]))""",
    re.VERBOSE,
)
_COMPARING = ("==", "!=", "<", "<=", ">", ">=")


class BadExpression(ValueError):
    """The text is no expression, or means nothing; `column` counts from 1, `what` says why."""

    def __init__(self, column: int, what: str) -> None:
        super().__init__(f"column {column}: {what}")
        self.column, self.what = column, what


@dataclass(frozen=True)
class _Placed:
    """Where a part of the text begins; two trees are equal wherever they stood."""

    at: int = field(default=1, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Name(_Placed):
    """A feature, or a value that the engine reckons."""

    name: str


@dataclass(frozen=True)
class Number(_Placed):
    """A decimal number, never negative: a minus before it is `Minus`."""

    value: Decimal


@dataclass(frozen=True)
class Text(_Placed):
    """A text."""

    value: str


@dataclass(frozen=True)
class Flag(_Placed):
    """True or false."""

    value: bool


@dataclass(frozen=True)
class Day(_Placed):
    """A date."""

    value: date


@dataclass(frozen=True)
class Minus(_Placed):
    """The negative of a number."""

    part: Node


@dataclass(frozen=True)
class Sum(_Placed):
    """Two parts joined by `+ - * /`."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Call(_Placed):
    """A function of `FUNCTIONS` and its arguments."""

    name: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Compare(_Placed):
    """Two parts compared."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Between(_Placed):
    """Whether a part lies between two others, both ends included."""

    part: Node
    low: Node
    high: Node


@dataclass(frozen=True)
class In(_Placed):
    """Whether a part is one of a list of plain numbers, texts or dates."""

    part: Node
    items: tuple[Decimal | str | date, ...]


@dataclass(frozen=True)
class Missing(_Placed):
    """Whether a part is not known: the one test that always has an answer."""

    part: Node


@dataclass(frozen=True)
class Not(_Placed):
    """The contrary; of what is not known, not known."""

    part: Node


@dataclass(frozen=True)
class Every(_Placed):
    """`and`: two or more parts."""

    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Some(_Placed):
    """`or`: two or more parts."""

    parts: tuple[Node, ...]


Node = (Name | Number | Text | Flag | Day | Minus | Sum | Call | Compare | Between) | (
    In | Missing | Not | Every | Some
)


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts of a part."""
    match node:
        case Every(parts) | Some(parts) | Call(_, parts):
            return parts
        case Sum(_, left, right) | Compare(_, left, right):
            return (left, right)
        case Between(part, low, high):
            return (part, low, high)
        case Minus(part) | In(part) | Missing(part) | Not(part):
            return (part,)
        case _:
            return ()


def names_in(node: Node) -> tuple[str, ...]:
    """Return the names a tree looks at, each once, in the order they stand."""
    found = [node.name] if isinstance(node, Name) else []
    for part in children(node):
        found += names_in(part)
    return tuple(dict.fromkeys(found))


def parse(text: str) -> Node:
    """Return the tree of an expression; raises BadExpression."""
    if len(text) > LENGTH_MAX:
        raise BadExpression(LENGTH_MAX + 1, f"longer than {LENGTH_MAX} characters")
    reader = _Reader(_tokens(text), len(text) + 1)
    tree = reader.some()
    if reader.kind:
        raise BadExpression(reader.at, f"{reader.word!r} is not expected here")
    return tree


@dataclass(frozen=True)
class _Token:
    kind: str
    word: str
    at: int


def _tokens(text: str) -> tuple[_Token, ...]:
    found: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            start = len(text) - len(text[position:].lstrip())
            raise BadExpression(start + 1, f"{text[start]!r} begins nothing that is known")
        kind, word = match.lastgroup, match[match.lastgroup]
        if kind == "name" and word in KEYWORDS:
            kind = "keyword"
        found.append(_Token(kind, word, match.start(match.lastgroup) + 1))
        position = match.end()
    return tuple(found)


class _Reader:
    """Reads tokens from the loosest binding, `or`, down to a single value."""

    def __init__(self, tokens: tuple[_Token, ...], end: int) -> None:
        self._tokens, self._end, self._next, self._nested = tokens, end, 0, 0

    @property
    def kind(self) -> str:
        return self._tokens[self._next].kind if self._next < len(self._tokens) else ""

    @property
    def word(self) -> str:
        return self._tokens[self._next].word if self._next < len(self._tokens) else ""

    @property
    def at(self) -> int:
        return self._tokens[self._next].at if self._next < len(self._tokens) else self._end

    def some(self) -> Node:
        return self._joined("or", self._every, Some)

    def _every(self) -> Node:
        return self._joined("and", self._not, Every)

    def _joined(self, word: str, part: Callable[[], Node], kind: type[Every] | type[Some]) -> Node:
        at, parts = self.at, [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else _shallow(kind(tuple(parts), at=at))

    def _not(self) -> Node:
        at = self.at
        if not self._take("not"):
            return self._test()
        self._deeper()
        part = self._not()
        self._nested -= 1
        return _shallow(Not(part, at=at))

    def _test(self) -> Node:
        at, left = self.at, self._sum()
        if self.kind == "sign" and self.word in _COMPARING:
            sign = self._taken()
            return _shallow(Compare(sign, left, self._sum(), at=at))
        if self._take("is"):
            is_not = self._take("not")
            self._expect("missing")
            return _negated(Missing(left, at=at), is_not)
        is_not = self._take("not")
        if self._take("in"):
            return _negated(In(left, self._items(), at=at), is_not)
        if self._take("between"):
            low = self._sum()
            self._expect("and")
            return _negated(Between(left, low, self._sum(), at=at), is_not)
        if is_not:
            raise BadExpression(self.at, "after 'not' comes 'in' or 'between' here")
        return left

    def _sum(self) -> Node:
        return self._chain(("+", "-"), lambda: self._chain(("*", "/"), self._minus))

    def _chain(self, signs: tuple[str, ...], part: Callable[[], Node]) -> Node:
        at, left = self.at, part()
        while self.kind == "sign" and self.word in signs:
            sign = self._taken()
            left = _shallow(Sum(sign, left, part(), at=at))
        return left

    def _minus(self) -> Node:
        at = self.at
        if not self._take("-"):
            return self._single()
        self._deeper()
        part = self._minus()
        self._nested -= 1
        return _shallow(Minus(part, at=at))

    def _single(self) -> Node:
        at, kind = self.at, self.kind
        if self._take("("):
            self._deeper()
            inner = self.some()
            self._nested -= 1
            self._expect(")")
            return inner
        if kind == "name":
            name = self._taken()
            return self._call(name, at) if self.word == "(" else Name(name, at=at)
        if self.word in ("true", "false") and kind == "keyword":
            return Flag(self._taken() == "true", at=at)
        value = self._plain()
        if isinstance(value, Decimal):
            return Number(value, at=at)
        return Text(value, at=at) if isinstance(value, str) else Day(value, at=at)

    def _call(self, name: str, at: int) -> Node:
        if name not in FUNCTIONS:
            raise BadExpression(at, f"no function {name!r}; there are {', '.join(FUNCTIONS)}")
        self._expect("(")
        self._deeper()
        parts = [self.some()]
        while self._take(","):
            parts.append(self.some())
        self._nested -= 1
        self._expect(")")
        least, most = FUNCTIONS[name]
        if not least <= len(parts) <= most:
            raise BadExpression(at, f"{name} takes {least} to {most} values, here are {len(parts)}")
        return _shallow(Call(name, tuple(parts), at=at))

    def _items(self) -> tuple[Decimal | str | date, ...]:
        at = self.at
        self._expect("(")
        items = [self._item()]
        while self._take(","):
            items.append(self._item())
        self._expect(")")
        if len(items) > ITEMS_MAX:
            raise BadExpression(at, f"a list of more than {ITEMS_MAX}")
        return tuple(items)

    def _item(self) -> Decimal | str | date:
        at = self.at
        is_negative = self._take("-")
        value = self._plain()
        if not is_negative:
            return value
        if not isinstance(value, Decimal):
            raise BadExpression(at, "only a number has a minus")
        return -value if value else value

    def _plain(self) -> Decimal | str | date:
        at, kind, word = self.at, self.kind, self.word
        if kind == "number":
            return Decimal(self._taken())
        if kind == "text":
            return _unquoted(self._taken(), at)
        if kind == "date":
            self._next += 1
            try:
                return date.fromisoformat(word[5:-1])
            except ValueError:
                raise BadExpression(at, f"{word} is no day of the calendar") from None
        raise BadExpression(at, f"a value is missing before {word!r}" if word else "it ends early")

    def _take(self, word: str) -> bool:
        if self.word != word or self.kind not in ("sign", "keyword"):
            return False
        self._next += 1
        return True

    def _taken(self) -> str:
        self._next += 1
        return self._tokens[self._next - 1].word

    def _expect(self, word: str) -> None:
        if not self._take(word):
            raise BadExpression(self.at, f"{word!r} is missing")

    def _deeper(self) -> None:
        self._nested += 1
        if self._nested > DEPTH_MAX:
            raise BadExpression(self.at, f"nested more than {DEPTH_MAX} deep")


def _negated(node: Node, is_not: bool) -> Node:  # noqa: FBT001 - what the text says
    return _shallow(Not(_shallow(node), at=node.at) if is_not else node)


def _shallow(node: Node) -> Node:
    """Return the node; raises BadExpression where it is deeper than reading it again would bear."""
    if _depth(node) > DEPTH_MAX:
        raise BadExpression(node.at, f"nested more than {DEPTH_MAX} deep")
    return node


def _depth(node: Node) -> int:
    return 1 + max((_depth(part) for part in children(node)), default=0)


def _unquoted(word: str, at: int) -> str:
    text = re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL)
    if not text.isprintable():
        raise BadExpression(at, "a text holds a character that cannot be seen")
    return text


# How tightly each kind binds: a part that binds less than its place needs parentheses.
_OR, _AND, _NOT, _TEST, _PLUS, _TIMES, _SIGN, _WHOLE = range(1, 9)


def printed(node: Node) -> str:
    """Return the text of a tree; `parse` of it gives the tree again."""
    return _print(node, _OR)


def plain(value: Value) -> str:
    """Return a single value as the language writes it, `missing` for none."""
    if value is None:
        return "missing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return f'date"{value.isoformat()}"'
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _print(node: Node, needed: int) -> str:
    text, binds = _worded(node)
    return text if binds >= needed else f"({text})"


def _worded(node: Node) -> tuple[str, int]:  # noqa: PLR0911 - one a kind of node
    match node:
        case Every(parts):
            return " and ".join(_print(part, _NOT) for part in parts), _AND
        case Some(parts):
            return " or ".join(_print(part, _AND) for part in parts), _OR
        case Not(In() | Between() | Missing() as test):
            return _test(test, "not "), _TEST
        case Not(part):
            return f"not {_print(part, _NOT)}", _NOT
        case In() | Between() | Missing():
            return _test(node, ""), _TEST
        case Compare(sign, left, right):
            return f"{_print(left, _PLUS)} {sign} {_print(right, _PLUS)}", _TEST
        case _:
            return _worded_value(node)


def _worded_value(node: Node) -> tuple[str, int]:
    match node:
        case Sum(sign, left, right):
            binds = _PLUS if sign in "+-" else _TIMES
            return f"{_print(left, binds)} {sign} {_print(right, binds + 1)}", binds
        case Minus(part):
            return f"-{_print(part, _SIGN)}", _SIGN
        case Call(name, parts):
            return f"{name}({', '.join(_print(part, _OR) for part in parts)})", _WHOLE
        case Name(name):
            return name, _WHOLE
        case Number(value) | Text(value) | Flag(value) | Day(value):
            return plain(value), _WHOLE
        case _:
            raise AssertionError(node)


def _test(node: In | Between | Missing, negation: str) -> str:
    part = _print(node.part, _PLUS)
    if isinstance(node, Missing):
        return f"{part} is {negation}missing"
    if isinstance(node, In):
        return f"{part} {negation}in ({', '.join(plain(item) for item in node.items)})"
    return f"{part} {negation}between {_print(node.low, _PLUS)} and {_print(node.high, _PLUS)}"
