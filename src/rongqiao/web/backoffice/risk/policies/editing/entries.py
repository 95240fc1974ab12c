"""One field of a draft's form, and the path of the document that it edits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rongqiao.web.backoffice.finance.words import say

Document = dict[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One field: `kind` is whole, decimal, text, lines, choice, long or flag."""

    name: str
    label: str
    kind: str
    path: Path
    value: Any
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_required: bool = True

    @property
    def where(self) -> str:
        """Return the path as risk writes it."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text


@dataclass(frozen=True, kw_only=True)
class Group:
    """Fields that stand together."""

    heading: str
    entries: tuple[Entry, ...]


def pairs_of(text: str) -> dict[str, str]:
    """Return the pairs of lines `name = value`; what stands without a sign has no value."""
    found = {}
    for line in text.splitlines():
        name, _sign, value = line.partition("=")
        if name.strip():
            found[name.strip()] = value.strip()
    return found


def choice(name: str, label: str, path: Path, value: str, words: Any) -> Entry:
    """Return a field with one of these words to choose."""
    choices = tuple((key, say(words, key)) for key in words)
    return Entry(name=name, label=label, kind="choice", path=path, value=value, choices=choices)
