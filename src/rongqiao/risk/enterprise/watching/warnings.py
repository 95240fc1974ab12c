"""Early warning: which rules a firm's measures meet, how gravely, and its level as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

ATTENTION, SERIOUS, GRAVE = 1, 2, 3
LEVELS = ("clear", "attention", "serious", "grave")
KINDS = ("level", "change", "volatility", "filing", "invoice", "judicial", "repayment")
# Events count as they are. A figure of a statement alone is at most serious: it is old, and many
# sound firms have one that looks bad.
EVENTS = frozenset({"filing", "invoice", "judicial", "repayment"})
GRAVE_FIGURES_FOR_GRAVE = 3
SERIOUS_KINDS_FOR_GRAVE = 3


@dataclass(frozen=True, kw_only=True)
class WarningRule:
    """One rule: a measure and the thresholds of its three steps; None where a step is not used."""

    code: str
    kind: str
    measure: str
    is_upwards: bool
    steps: tuple[Decimal | None, Decimal | None, Decimal | None]

    def severity(self, value: Decimal) -> int:
        """Return 0 to 3: the highest step that the value passes."""
        reached = 0
        for number, step in enumerate(self.steps, start=1):
            if step is not None and (value > step if self.is_upwards else value < step):
                reached = number
        return reached


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A rule that is met: how gravely, the value seen and the threshold it passed."""

    code: str
    kind: str
    measure: str
    severity: int
    value: Decimal
    threshold: Decimal


def warning_rules() -> tuple[WarningRule, ...]:
    """Return the rules in force."""
    return _rules()


def signals(found: Mapping[str, Decimal]) -> tuple[Signal, ...]:
    """Return the rules that the measures meet, gravest first; an absent measure meets none."""
    met = []
    for rule in warning_rules():
        value = found.get(rule.measure)
        severity = 0 if value is None else rule.severity(value)
        if value is None or severity == 0:
            continue
        threshold = rule.steps[severity - 1]
        assert threshold is not None, rule.code
        met.append(
            Signal(
                code=rule.code,
                kind=rule.kind,
                measure=rule.measure,
                severity=severity,
                value=value,
                threshold=threshold,
            )
        )
    return tuple(sorted(met, key=lambda one: (-one.severity, one.code)))


def level_of(met: tuple[Signal, ...]) -> str:
    """Return the firm's level: its gravest event, or figures, raised where several agree."""
    events = max((one.severity for one in met if one.kind in EVENTS), default=0)
    figures = max((min(one.severity, SERIOUS) for one in met), default=0)
    grave_figures = {one.measure for one in met if one.severity == GRAVE}
    serious_kinds = {one.kind for one in met if one.severity >= SERIOUS}
    if (
        len(grave_figures) >= GRAVE_FIGURES_FOR_GRAVE
        or len(serious_kinds) >= SERIOUS_KINDS_FOR_GRAVE
    ):
        figures = GRAVE
    return LEVELS[max(events, figures)]


def rules_version() -> str:
    """Return the version of the rules in force."""
    version: str = _document()["version"]
    return version


@cache
def _document() -> dict[str, Any]:
    text = (
        files("rongqiao.risk.enterprise.watching").joinpath("warning_rules.json").read_text("utf-8")
    )
    document: dict[str, Any] = json.loads(text)
    return document


@cache
def _rules() -> tuple[WarningRule, ...]:
    return tuple(
        WarningRule(
            code=row["code"],
            kind=row["kind"],
            measure=row["measure"],
            is_upwards="above" in row,
            steps=_steps(row.get("above") or row["below"]),
        )
        for row in _document()["rules"]
    )


def _steps(given: list[str | None]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    one, two, three = (None if step is None else Decimal(step) for step in given)
    return one, two, three
