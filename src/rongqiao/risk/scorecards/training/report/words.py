"""Every sentence of the report in Chinese and in English; the page shows the one that is chosen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

_TOLD = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
WORDS: dict[str, list[str]] = _TOLD["words"]
# By the codes of leaks and other warnings; facts stand in braces.
WARNINGS: dict[str, list[str]] = _TOLD["warnings"]


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def both(words: Sequence[str], **facts: object) -> str:
    """Return both languages as HTML, each marked with its own; facts are escaped."""
    safe = _Known({name: escape(str(fact)) for name, fact in facts.items()})
    chinese, english = (escape(one, quote=False).format_map(safe) for one in words)
    if chinese == english:
        return chinese
    return f'<span lang="zh">{chinese}</span><span lang="en">{english}</span>'


def said(key: str, **facts: object) -> str:
    """Return the words of a key in both languages."""
    return both(WORDS[key], **facts)


def warned(code: str, column: str, facts: Mapping[str, str]) -> str:
    """Return the sentence of a warning in both languages; an unknown code shows itself."""
    return both(WARNINGS.get(code, (code, code)), column=column, **facts)


def drawn(key: str) -> str:
    """Return the words of a key for a picture, where languages are parts of one text."""
    chinese, english = (escape(one) for one in WORDS[key])
    if chinese == english:
        return chinese
    return f'<tspan lang="zh">{chinese}</tspan><tspan lang="en">{english}</tspan>'
