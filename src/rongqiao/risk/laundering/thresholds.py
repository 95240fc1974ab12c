"""What has to be reported and what is looked at, by date: data with their source, read once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class LargeValue:
    """One line of the rule: its feature code, whose, of which channel, from how many fen on."""

    code: str
    who: str
    channel: str
    least_minor: int


@dataclass(frozen=True)
class Deadlines:
    """Working days until something is due, and where each figure is from."""

    large_value: int
    large_value_source: str
    suspicious: int
    suspicious_source: str
    alert: int


# What the codes mean for a movement: customer and channel (art. 5 of the rule).
_CODES = {
    "0501": ("any", "cash"),
    "0502": ("organization", "transfer"),
    "0503": ("person", "transfer"),
    "0504": ("person", "cross-border"),
}


def large_values_on(on: date) -> tuple[LargeValue, ...]:
    """Return the lines in force on a date; none before the first rule that is known here."""
    known = [one for one in _table()["thresholds"] if date.fromisoformat(one["since"]) <= on]
    if not known:
        return ()
    latest = max(known, key=lambda one: str(one["since"]))
    return tuple(
        LargeValue(row["code"], *_CODES[row["code"]], int(row["cny"]) * 100)
        for row in latest["rows"]
    )


def document_on(on: date) -> str:
    """Return the document whose lines are in force on a date; empty where none is known."""
    known = [one for one in _table()["thresholds"] if date.fromisoformat(one["since"]) <= on]
    return str(max(known, key=lambda one: str(one["since"]))["document"]) if known else ""


@cache
def deadlines() -> Deadlines:
    """Return the deadlines in working days."""
    said = _table()["deadlines"]
    return Deadlines(
        large_value=said["large_value_working_days"],
        large_value_source=said["large_value_source"],
        suspicious=said["suspicious_working_days"],
        suspicious_source=said["suspicious_source"],
        alert=said["alert_working_days"],
    )


@cache
def figures(pattern: str) -> dict[str, Decimal]:
    """Return the figures of a pattern; amounts in yuan, shares as fractions."""
    return {name: Decimal(str(value)) for name, value in _table()["patterns"][pattern].items()}


@cache
def _table() -> dict[str, Any]:
    text = files("rongqiao.risk.laundering").joinpath("data/laundering.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
