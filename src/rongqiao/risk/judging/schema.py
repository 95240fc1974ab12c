"""Strict reading of a JSON document: every part by its kind, every fault named with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

CODE = re.compile(r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*")
SHA256 = re.compile(r"[0-9a-f]{64}")
_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,12})?")
_SEEN = "a character that cannot be seen"


class BadPolicy(ValueError):
    """A document cannot be read; `where` is the path of the fault, `what` says it in a sentence."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where or 'the document'}: {what}")
        self.where, self.what = where, what


@dataclass(frozen=True)
class Part:
    """A value of the document and the path that leads to it, such as `tables[0].rules[2].when`."""

    value: Any
    where: str = ""

    def bad(self, what: str) -> BadPolicy:
        """Return the error that says `what` of this place."""
        return BadPolicy(self.where, what)

    def object(self, needed: Sequence[str], allowed: Sequence[str] = ()) -> Part:
        """Return itself, an object with the needed keys and none but the allowed ones."""
        if not isinstance(self.value, dict):
            raise self.bad("an object is needed here")
        for key in self.value:
            if key not in needed and key not in allowed:
                raise self.bad(f"there is no part called {str(key)[:60]!r}")
        for key in needed:
            if key not in self.value:
                raise self.bad(f"{key!r} is missing")
        return self

    def __getitem__(self, key: str) -> Part:
        """Return the part under a key; one that is not there is null."""
        path = f"{self.where}.{key}" if self.where else key
        return Part(self.value.get(key), path)

    def pairs(self, most: int) -> Iterator[tuple[str, Part]]:
        """Return keys and parts of an object whose keys are the writer's own, in their order.

        Sorted: a document with the same digest reads the same, however it was written down.
        """
        if not isinstance(self.value, dict):
            raise self.bad("an object is needed here")
        if len(self.value) > most:
            raise self.bad(f"more than {most} entries")
        for key in sorted(self.value):
            if not 1 <= len(key) <= 60:
                raise self.bad("a key must be a text of 1 to 60 characters")
            yield key, self[key]

    def list(self, most: int, least: int = 0) -> tuple[Part, ...]:
        """Return the parts of a list of `least` to `most` entries."""
        if not isinstance(self.value, list):
            raise self.bad("a list is needed here")
        if not least <= len(self.value) <= most:
            raise self.bad(f"{least} to {most} entries are needed, here are {len(self.value)}")
        return tuple(Part(one, f"{self.where}[{n}]") for n, one in enumerate(self.value))

    def text(self, most: int = 200, least: int = 1) -> str:
        """Return a readable text of that many characters."""
        if not isinstance(self.value, str) or not least <= len(self.value) <= most:
            raise self.bad(f"a text of {least} to {most} characters is needed here")
        if not self.value.isprintable():
            raise self.bad(f"the text holds {_SEEN}")
        return self.value

    def code(self, most: int = 60) -> str:
        """Return a code: small letters and digits, joined by dashes or dots."""
        text = self.text(most)
        if not CODE.fullmatch(text):
            raise self.bad(f"{text!r} is no code: small letters, digits, dashes and dots")
        return text

    def sha256(self) -> str:
        """Return a digest of 64 hexadecimal digits."""
        if not isinstance(self.value, str) or not SHA256.fullmatch(self.value):
            raise self.bad("a sha256 of 64 hexadecimal digits is needed here")
        return self.value

    def choice(self, *allowed: str) -> str:
        """Return one of the allowed words."""
        if self.value not in allowed or not isinstance(self.value, str):
            raise self.bad(f"one of {', '.join(allowed)} is needed here")
        return self.value

    def whole(self, least: int, most: int) -> int:
        """Return a whole number in the range."""
        value = self.value
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.bad(f"a whole number from {least} to {most} is needed here")
        return value

    def decimal(self, least: str = "-1e20", most: str = "1e20") -> Decimal:
        """Return a decimal number, written as text or whole, in the range."""
        number = self._number()
        if number is None or not Decimal(least) <= number <= Decimal(most):
            span = "" if least == "-1e20" else f" from {least} to {most}"
            raise self.bad(f'a number{span} written as text, such as "0.55", is needed here')
        return number

    def _number(self) -> Decimal | None:
        value = self.value
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
            return None
        try:
            return Decimal(value)
        except InvalidOperation:
            return None

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            raise self.bad("true or false is needed here")
        return self.value

    def day(self) -> date:
        """Return a date written as 2026-01-05."""
        try:
            return date.fromisoformat(self.text(10, 10))
        except ValueError:
            raise self.bad('a date such as "2026-01-05" is needed here') from None

    @property
    def is_there(self) -> bool:
        """Tell whether anything but null stands here."""
        return self.value is not None


def check_once(parts: Sequence[Part], names: Sequence[str], what: str) -> None:
    """Raise BadPolicy at the first part whose name stood before."""
    seen: set[str] = set()
    for part, name in zip(parts, names, strict=True):
        if name in seen:
            raise part.bad(f"{what} {name!r} stands here twice")
        seen.add(name)
