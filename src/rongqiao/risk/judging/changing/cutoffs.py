"""The numbers in a policy's rules that a value is held against: found by their place, and changed.

`score < 570`, `burden > 0.40`, `age between 18 and 65`: every number that stands alone on one side
of a comparison, or at an end of a range, is a cut-off. Others, such as those of a sum, are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rongqiao.risk.judging.expressions import (
    Between,
    Call,
    Compare,
    Every,
    Minus,
    Node,
    Not,
    Number,
    Some,
    Sum,
    parse,
    printed,
)
from rongqiao.risk.judging.policy import Policy

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
SIGNS = (*_TURNED, "from", "to")


@dataclass(frozen=True, kw_only=True)
class Cutoff:
    """One number of one rule: `subject` is what is held against it, printed; `sign` reads from it.

    `index` counts the numbers of the rule's condition; `sign` is `from` and `to` at the ends of a
    range.
    """

    table: str
    rule: str
    outcome: str
    index: int
    subject: str
    sign: str
    value: Decimal

    @property
    def key(self) -> str:
        """Return what tells it apart within its policy."""
        return f"{self.table}/{self.rule}/{self.index}"


class NoSuchCutoff(LookupError):
    """The policy has no such number; the message names it."""


@dataclass(frozen=True)
class _Found:
    subject: Node
    sign: str
    value: Decimal


def cutoffs_of(policy: Policy) -> tuple[Cutoff, ...]:
    """Return every cut-off, table by table and rule by rule."""
    return tuple(
        Cutoff(
            table=table.code,
            rule=rule.code,
            outcome=rule.outcome,
            index=index,
            subject=printed(one.subject),
            sign=one.sign,
            value=one.value,
        )
        for table in policy.tables
        for rule in table.rules
        for index, one in enumerate(_numbers(rule.when.tree))
    )


def with_cutoffs(document: dict[str, Any], values: dict[str, Decimal]) -> dict[str, Any]:
    """Return the document with other numbers in place, by key. Raises NoSuchCutoff.

    A condition none of whose numbers changes stays as it was written, letter for letter. What a
    rule tells with the same number (`facts`, `again`) goes along, so that no sentence tells the old
    one.
    """
    left = dict(values)
    tables = []
    for table in document["tables"]:
        rules = []
        for rule in table["rules"]:
            place = f"{table['code']}/{rule['code']}/"
            own = [key for key in left if key.startswith(place)]
            rules.append(_with(rule, {key.removeprefix(place): left.pop(key) for key in own}))
        tables.append({**table, "rules": rules})
    if left:
        raise NoSuchCutoff(next(iter(left)))
    return {**document, "tables": tables}


def _with(rule: dict[str, Any], values: dict[str, Decimal]) -> dict[str, Any]:
    if not values:
        return rule
    if not all(index.isascii() and index.isdecimal() for index in values):
        raise NoSuchCutoff(rule["code"])
    found = list(_numbers(parse(rule["when"])))
    indices = {int(index): value for index, value in values.items()}
    made = {**rule, "when": changed(rule["when"], indices)}
    for index, value in indices.items():
        _carry_along(made, found[index], value)
    return made


def _carry_along(rule: dict[str, Any], was: _Found, value: Decimal) -> None:
    if was.value == value:
        return
    pairs = {was.value: value}
    if was.sign in (">=", "<"):
        # "at most 59 days" beside "60 days or more".
        pairs[was.value - 1] = value - 1
    facts = rule.get("facts")
    if facts:
        rule["facts"] = {
            name: _told(text, pairs if text.isdecimal() else {was.value: value})
            for name, text in facts.items()
        }
    again = rule.get("again")
    if isinstance(again, dict) and "on" in again:
        rule["again"] = {"on": _told(again["on"], {was.value: value})}


def _told(text: str, pairs: dict[Decimal, Decimal]) -> str:
    tree = parse(text)
    made = _swapped(tree, pairs)
    return text if made == tree else printed(made)


def _swapped(node: Node, pairs: dict[Decimal, Decimal]) -> Node:
    """Return the tree with every number of `pairs` in place of its key."""
    match node:
        case Number(value):
            return _node(pairs[value]) if value in pairs else node
        case Minus(part):
            return replace(node, part=_swapped(part, pairs))
        case Sum(_, left, right):
            return replace(node, left=_swapped(left, pairs), right=_swapped(right, pairs))
        case Call(_, parts):
            return replace(node, parts=tuple(_swapped(part, pairs) for part in parts))
        case _:
            return node


def changed(text: str, values: dict[int, Decimal]) -> str:
    """Return a condition with the numbers of these indices in place. Raises NoSuchCutoff."""
    tree = parse(text)
    found = list(_numbers(tree))
    for index in values:
        if not 0 <= index < len(found):
            raise NoSuchCutoff(f"{text}: {index}")
    if all(found[index].value == value for index, value in values.items()):
        return text
    new = [values.get(index, one.value) for index, one in enumerate(found)]
    return printed(_replaced(tree, iter(new)))


def _numbers(node: Node) -> Iterator[_Found]:
    match node:
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _numbers(part)
        case Not(part):
            yield from _numbers(part)
        case Compare():
            yield from _compared(node)
        case Between(part, low, high):
            ends = (("from", _number(low)), ("to", _number(high)))
            yield from (_Found(part, sign, end) for sign, end in ends if end is not None)
        case _:
            return


def _compared(node: Compare) -> Iterator[_Found]:
    left, right = _number(node.left), _number(node.right)
    if right is not None and left is None:
        yield _Found(node.left, node.sign, right)
    elif left is not None and right is None:
        yield _Found(node.right, _TURNED[node.sign], left)


def _replaced(node: Node, values: Iterator[Decimal]) -> Node:
    """Return the tree with numbers taken from `values` in the order `_numbers` finds them."""
    match node:
        case Every(parts) | Some(parts):
            return replace(node, parts=tuple(_replaced(part, values) for part in parts))
        case Not(part):
            return Not(_replaced(part, values))
        case Compare():
            return _with_number(node, values)
        case Between(_, low, high):
            return replace(
                node,
                low=low if _number(low) is None else _node(next(values)),
                high=high if _number(high) is None else _node(next(values)),
            )
        case _:
            return node


def _with_number(node: Compare, values: Iterator[Decimal]) -> Compare:
    left, right = _number(node.left), _number(node.right)
    if (left is None) == (right is None):
        return node
    if left is None:
        return replace(node, right=_node(next(values)))
    return replace(node, left=_node(next(values)))


def _number(node: Node) -> Decimal | None:
    match node:
        case Number(value):
            return value
        case Minus(Number(value)):
            return -value
        case _:
            return None


def _node(value: Decimal) -> Node:
    return Minus(Number(-value)) if value < 0 else Number(value)
