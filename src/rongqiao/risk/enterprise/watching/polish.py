"""The rules of early warning tried on Polish firms (UCI 365, fifth year): what the set can express.

It has statements of one year and whether the firm failed within the next, and nothing of events,
invoices or conduct. Rules on these stay judgement. No bound was moved after what is found here.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any

from rongqiao.risk.enterprise.watching.steps import StepMeasure
from rongqiao.risk.enterprise.watching.warnings import (
    LEVELS,
    WarningRule,
    level_of,
    rules_version,
    signals,
    warning_rules,
)

POPULATION = "Polish firms, UCI 365, statements of one year, failure within the next"
# The set's column of a measure.
COLUMNS = {
    "debt-to-assets": "X2",
    "interest-cover": "X27",
    "quick-ratio": "X46",
    "return-on-assets": "X7",
    "days-sales": "X44",
    "revenue-growth": "X21",
}
Row = Mapping[str, Decimal | None]


@dataclass(frozen=True, kw_only=True)
class RuleMeasure:
    """A rule on the firms whose measure the set has; what became of the others is told beside.

    `without` are the levels of all firms where this rule is left out.
    """

    code: str
    known: int
    failed_known: int
    absent: int
    failed_absent: int
    steps: tuple[StepMeasure, ...]
    without: tuple[StepMeasure, ...]


@dataclass(frozen=True, kw_only=True)
class BackTest:
    """Every rule that the set expresses, and the levels of firms as these rules alone give them."""

    population: str
    rules_version: str
    firms: int
    failed: int
    rules: tuple[RuleMeasure, ...]
    levels: tuple[StepMeasure, ...]


def back_test() -> BackTest:
    """Return the rules tried on the bundled set, reckoned anew; a second or so."""
    rows = polish_rows()
    found = [measures_of(row) for row in rows]
    failed = [row["bankrupt"] == 1 for row in rows]
    return BackTest(
        population=POPULATION,
        rules_version=rules_version(),
        firms=len(rows),
        failed=sum(failed),
        rules=tuple(
            _measured(rule, found, failed) for rule in warning_rules() if rule.measure in COLUMNS
        ),
        levels=_levels(found, failed),
    )


def shipped_back_test() -> BackTest:
    """Return what `back_test` gave when the rules were last tried; a test holds both equal."""
    return _shipped()


def polish_rows() -> tuple[Row, ...]:
    """Return the firms of the bundled set; what is no number is None."""
    place = files("rongqiao.risk.scorecards").joinpath("sets/polish_bankruptcy_5year.csv.gz")
    lines = gzip.decompress(place.read_bytes()).decode().splitlines()
    wanted = (*COLUMNS.values(), "bankrupt")
    return tuple({name: _number(row[name]) for name in wanted} for row in csv.DictReader(lines))


def measures_of(row: Row) -> dict[str, Decimal]:
    """Return a firm's measures by our names; the set tells sales as a multiple of last year's."""
    known = {name: row[column] for name, column in COLUMNS.items()}
    grown = known["revenue-growth"]
    known["revenue-growth"] = None if grown is None else grown - 1
    return {name: value for name, value in known.items() if value is not None}


def _levels(found: list[dict[str, Decimal]], failed: list[bool]) -> tuple[StepMeasure, ...]:
    levels = [LEVELS.index(level_of(signals(one))) for one in found]
    return _of_steps(levels, failed, LEVELS[1:])


def _measured(
    rule: WarningRule, found: list[dict[str, Decimal]], failed: list[bool]
) -> RuleMeasure:
    known = [
        (rule.severity(one[rule.measure]), end)
        for one, end in zip(found, failed, strict=True)
        if rule.measure in one
    ]
    lost = sum(end for _step, end in known)
    bounds = [None if step is None else str(step) for step in rule.steps]
    return RuleMeasure(
        code=rule.code,
        known=len(known),
        failed_known=lost,
        absent=len(found) - len(known),
        failed_absent=sum(failed) - lost,
        steps=_of_steps([step for step, _end in known], [end for _step, end in known], bounds),
        without=_levels([_less(one, rule.measure) for one in found], failed),
    )


def _of_steps(
    reached: Sequence[int], failed: Sequence[bool], bounds: Sequence[str | None]
) -> tuple[StepMeasure, ...]:
    # Only measuring draws samples: who reads what was measured does without the library.
    from rongqiao.risk.enterprise.watching.measuring import measure_steps  # noqa: PLC0415

    return measure_steps(reached, failed, bounds)


def _less(found: dict[str, Decimal], measure: str) -> dict[str, Decimal]:
    return {name: value for name, value in found.items() if name != measure}


@cache
def _shipped() -> BackTest:
    place = files("rongqiao.risk.enterprise.watching").joinpath("measured.json")
    told: dict[str, Any] = json.loads(place.read_text("utf-8"))
    return BackTest(
        **told
        | {
            "rules": tuple(
                RuleMeasure(**rule | {name: _steps(rule[name]) for name in ("steps", "without")})
                for rule in told["rules"]
            ),
            "levels": _steps(told["levels"]),
        }
    )


def _steps(told: list[dict[str, Any]]) -> tuple[StepMeasure, ...]:
    return tuple(StepMeasure(**one) for one in told)


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
