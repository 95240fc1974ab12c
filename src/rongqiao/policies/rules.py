"""The table of rules: each with its document, date, where it was seen and how far to trust that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row. `level`: A text of the law read, B quoted, C mentioned, D recalled only."""

    key: str
    value: str
    unit: str
    applies_to: str
    document: str
    date: str
    source_seen: str
    level: str
    note: str


def rule(key: str) -> Rule:
    """Return the rule `key`; raises KeyError."""
    return _table()[key]


@cache
def _table() -> dict[str, Rule]:
    text = files("rongqiao.policies").joinpath("china/rules.json").read_text("utf-8")
    return {row["key"]: Rule(**row) for row in json.loads(text)["rows"]}
