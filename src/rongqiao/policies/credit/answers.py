"""What a source may answer: read strictly, fact by fact, before anything of it counts.

An answer with a fact too many, too few or out of its bounds is no answer: the source has changed
its form, and guessing what it means now would put a wrong figure into a decision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from rongqiao.policies.credit.sources import Fact, FactKind, Source

_SHARE = re.compile(r"0(\.\d{1,6})?|1(\.0{1,6})?", re.ASCII)
FEN_IN_YUAN = 100
Plain = int | str | bool


class BadAnswer(ValueError):
    """An answer that has not the form of its source; `fact` is the first that is wrong."""

    def __init__(self, fact: str) -> None:
        super().__init__(f"answer: {fact}")
        self.fact = fact


def read_facts(source: Source, found: Mapping[str, Any], on: date) -> dict[str, Plain]:
    """Return the facts of an answer given on a date, as JSON values; raises BadAnswer.

    A day later than `on` is refused: nobody knows it yet.
    """
    known = {fact.name: fact for fact in source.facts}
    for name in found:
        if name not in known:
            raise BadAnswer(name[:40])
    facts: dict[str, Plain] = {}
    for name, fact in known.items():
        if found.get(name) is None:
            if not fact.is_optional:
                raise BadAnswer(name)
            continue
        if not _fits(fact, found[name], on):
            raise BadAnswer(name)
        facts[name] = found[name]
    return facts


def value_of(fact: Fact, given: Plain | None) -> Decimal | str | bool | date | None:
    """Return a fact as a feature has it: amounts in yuan, shares and counts as decimals."""
    if given is None or isinstance(given, bool):
        return given
    if fact.kind is FactKind.AMOUNT:
        return Decimal(int(given)) / FEN_IN_YUAN
    if fact.kind in (FactKind.WHOLE, FactKind.SHARE):
        return Decimal(given)
    return date.fromisoformat(str(given)) if fact.kind is FactKind.DAY else str(given)


def _fits(fact: Fact, value: Any, on: date) -> bool:
    if fact.kind is FactKind.FLAG:
        return isinstance(value, bool)
    if fact.kind in (FactKind.WHOLE, FactKind.AMOUNT):
        # A bool is an int to Python, and a figure to nobody.
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        return is_whole and fact.least <= value <= fact.most
    if not isinstance(value, str):
        return False
    if fact.kind is FactKind.SHARE:
        return bool(_SHARE.fullmatch(value))
    if fact.kind is FactKind.CODE:
        return value in fact.codes
    return _is_day(value, on)


def _is_day(text: str, on: date) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return day.isoformat() == text and day <= on
