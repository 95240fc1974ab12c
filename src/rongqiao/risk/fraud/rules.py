"""Rules as data: a figure, a bound, points; and what they come to, each with its explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from rongqiao.risk.judging.features import Value


class Outcome(StrEnum):
    """What the rules together say."""

    CLEAR = "clear"
    REFER = "refer"
    DECLINE = "decline"


@dataclass(frozen=True)
class Rule:
    """A figure at or above `bound` (a number), or equal to it (a word or yes), gives `points`."""

    code: str
    figure: str
    bound: Decimal | str | bool
    points: int

    def is_met_by(self, value: Value) -> bool:
        """Tell whether a value meets the rule; a figure that is not known never does."""
        if value is None:
            return False
        if isinstance(self.bound, Decimal):
            return isinstance(value, Decimal) and value >= self.bound
        return value == self.bound and isinstance(value, type(self.bound))


@dataclass(frozen=True)
class RuleSet:
    """A version of the rules, and the scores from which a case is referred and declined."""

    version: str
    rules: tuple[Rule, ...]
    refer_from: int
    decline_from: int


@dataclass(frozen=True)
class Met:
    """A rule that was met: its code, the figure with its value, the bound, the points."""

    code: str
    figure: str
    value: str
    bound: str
    points: int


@dataclass(frozen=True)
class Assessment:
    """What a version of the rules says: score 0 to 100, outcome, and why, heaviest first."""

    version: str
    score: int
    outcome: Outcome
    met: tuple[Met, ...]


def assess(values: Mapping[str, Value], rules: RuleSet) -> Assessment:
    """Return the assessment of named figures. More of any count never gives a lower score."""
    met = [
        Met(rule.code, rule.figure, _text(values[rule.figure]), _text(rule.bound), rule.points)
        for rule in rules.rules
        if rule.is_met_by(values.get(rule.figure))
    ]
    score = min(100, sum(one.points for one in met))
    outcome = Outcome.CLEAR
    if score >= rules.decline_from:
        outcome = Outcome.DECLINE
    elif score >= rules.refer_from:
        outcome = Outcome.REFER
    ordered = sorted(met, key=lambda one: (-one.points, one.code))
    return Assessment(rules.version, score, outcome, tuple(ordered))


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
