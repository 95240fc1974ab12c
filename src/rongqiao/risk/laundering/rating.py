"""The risk rating of a customer: answers in, points, level and the day to look again out. Pure.

Points only add up, and a graver answer never lowers a level.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from rongqiao.finance.months import add_months

LOW, MEDIUM, HIGH = "low", "medium", "high"


class UnknownAnswer(ValueError):
    """A factor was not answered, or with a word that it does not have; `factor` names it."""

    def __init__(self, factor: str) -> None:
        super().__init__(factor)
        self.factor = factor


@dataclass(frozen=True)
class Rated:
    """What came out: level, points in all, each factor's answer and points, when to look again."""

    level: str
    points: int
    parts: tuple[tuple[str, str, int], ...]
    review_on: date
    version: str


def rate(answers: Mapping[str, str], on: date) -> Rated:
    """Return the rating of these answers on a date; raises UnknownAnswer."""
    table = _table()
    parts = tuple(
        (factor, answers.get(factor, ""), _points(factor, points, answers))
        for factor, points in factors().items()
    )
    total = sum(points for _, _, points in parts)
    level = _level(total)
    if any(answers[factor] in words for factor, words in table["always_high"].items()):
        level = HIGH
    months = next(one["review_months"] for one in table["levels"] if one["level"] == level)
    return Rated(
        level=level,
        points=total,
        parts=parts,
        review_on=add_months(on, int(months)),
        version=str(table["version"]),
    )


@cache
def factors() -> dict[str, dict[str, int]]:
    """Return the factors in order, each with its answers and their points."""
    return {one["name"]: dict(one["answers"]) for one in _table()["factors"]}


@cache
def answered_by_officers() -> dict[str, dict[str, int]]:
    """Return those of the factors that an officer answers; the others follow from records."""
    by_records = {one["name"] for one in _table()["factors"] if "by" in one}
    return {name: said for name, said in factors().items() if name not in by_records}


def _points(factor: str, points: Mapping[str, int], answers: Mapping[str, str]) -> int:
    if answers.get(factor) not in points:
        raise UnknownAnswer(factor)
    return points[answers[factor]]


def _level(points: int) -> str:
    fitting = [one for one in _table()["levels"] if points >= one["from"]]
    return str(max(fitting, key=lambda one: int(one["from"]))["level"])


@cache
def _table() -> dict[str, Any]:
    text = files("rongqiao.risk.laundering").joinpath("data/rating.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
