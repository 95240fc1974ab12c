"""Fields of a JSON object, read one by one into exact values, or refused in one clear sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from rongqiao.finance.money import LARGEST_MINOR, BadAmount, Money

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,24})?", re.ASCII)
_LONGEST_SHOWN = 60

AMOUNT = 'a decimal string in yuan with at most two decimals, such as "1234.50"'
DECIMAL = 'a decimal string, such as "0.06"'
DATE = 'a date that exists, such as "2026-01-31"'

Word = TypeVar("Word", bound=StrEnum)


class BadField(ValueError):
    """`field` was `given`, and only `allowed` is possible: the message is that sentence."""

    def __init__(self, field: str, given: object, allowed: str) -> None:
        self.field, self.given, self.allowed = field, given, allowed
        super().__init__(f"{field} is {given}; allowed: {allowed}")


def shown(value: object) -> str:
    """Return a value as JSON for a message, cut where it is long."""
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN alone differs from itself
        return "NaN"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


class Fields:
    """One JSON object: each reader takes a field by name, and `close` refuses any other.

    Every reader raises BadField. `path` goes before the names in messages: `steps[0].`.
    """

    def __init__(self, content: object, known: Sequence[str], path: str = "") -> None:
        """Take an object with no field but the `known` ones."""
        if not isinstance(content, Mapping):
            raise BadField(path.rstrip(".") or "line", shown(content), "a JSON object")
        self._content: Mapping[str, Any] = content
        self.path = path
        for name in content:
            if name not in known:
                unknown = f"{path}{shown(name).strip(chr(34))}"
                raise BadField(unknown, "an unknown field", ", ".join(known))

    def has(self, name: str) -> bool:
        """Return whether the field is given."""
        return name in self._content

    def any(self, name: str, allowed: str) -> Any:
        """Return the field's value as it is; BadField where it is missing."""
        if name not in self._content:
            raise BadField(f"{self.path}{name}", "missing", allowed)
        return self._content[name]

    def bad(self, name: str, allowed: str) -> BadField:
        """Return the refusal of this field's value."""
        return BadField(f"{self.path}{name}", shown(self._content.get(name)), allowed)

    def amount(self, name: str, *, least: int = 0) -> int:
        """Return an amount in fen, at least `least`, from a decimal string in yuan."""
        value = self.any(name, AMOUNT)
        try:
            minor = Money.yuan(value).minor if isinstance(value, str) else None
        except BadAmount:
            minor = None
        if minor is None:
            raise self.bad(name, f"{AMOUNT}, up to {Money(LARGEST_MINOR).text()}")
        if minor < least:
            raise self.bad(name, f"{AMOUNT}, from {Money(least).text()}")
        return minor

    def signed_amount(self, name: str) -> int:
        """Return an amount in fen that may be negative."""
        return self.amount(name, least=-LARGEST_MINOR)

    def decimal(self, name: str, *, least: int = 0) -> Fraction:
        """Return the exact value of a decimal string, at least `least`."""
        value = self.any(name, DECIMAL)
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            raise self.bad(name, f"{DECIMAL}, with at most 12 digits before the point and 24 after")
        exact = Fraction(value)
        if exact < least:
            raise self.bad(name, f"{DECIMAL}, from {least}")
        return exact

    def whole(self, name: str, least: int, most: int) -> int:
        """Return a JSON integer from `least` to `most`."""
        allowed = f"a whole number from {least} to {most}"
        value = self.any(name, allowed)
        if type(value) is not int or not least <= value <= most:
            raise self.bad(name, allowed)
        return value

    def flag(self, name: str) -> bool:
        """Return a JSON true or false."""
        value = self.any(name, "true or false")
        if type(value) is not bool:
            raise self.bad(name, "true or false")
        return value

    def day(self, name: str) -> date:
        """Return a date from `YYYY-MM-DD`."""
        value = self.any(name, DATE)
        if not isinstance(value, str) or not _DATE.fullmatch(value):
            raise self.bad(name, DATE)
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise self.bad(name, DATE) from None

    def text(self, name: str, most: int = 200) -> str:
        """Return a string of 1 to `most` characters."""
        allowed = f"a string of 1 to {most} characters"
        value = self.any(name, allowed)
        if not isinstance(value, str) or not 1 <= len(value) <= most:
            raise self.bad(name, allowed)
        return value

    def word(self, name: str, words: type[Word]) -> Word:
        """Return one of the words of an enumeration."""
        allowed = ", ".join(words)
        value = self.any(name, allowed)
        if not isinstance(value, str) or value not in words.__members__.values():
            raise self.bad(name, allowed)
        return words(value)

    def one_of(self, name: str, choices: Sequence[str]) -> str:
        """Return one of these strings."""
        allowed = ", ".join(choices)
        value = self.any(name, allowed)
        if not isinstance(value, str) or value not in choices:
            raise self.bad(name, allowed)
        return value

    def items(self, name: str, most: int) -> list[Any]:
        """Return a JSON list of at most `most` items."""
        allowed = f"a list of at most {most}"
        value = self.any(name, allowed)
        if not isinstance(value, list) or len(value) > most:
            raise self.bad(name, allowed)
        return value

    def within(self, name: str, known: Sequence[str]) -> Fields:
        """Return the fields of an object inside this one."""
        value = self.any(name, "a JSON object")
        return Fields(value, known, f"{self.path}{name}.")
