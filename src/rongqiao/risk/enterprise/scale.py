"""The master scale: grades by one-year probability of default, and how a score comes to one.

Bounds grow by a constant ratio, so that grades are equally far apart in odds; the ratio is this
project's choice. The lowest grade holds all that is worse.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib.resources import files
from math import exp
from typing import Any

GRADES = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C")
# Upper bounds of the probability of default, exclusive; each 2.2 times the one before.
_FIRST, _STEP = Decimal("0.0010"), Decimal("2.2")
_PLACES = Decimal("0.000001")


@dataclass(frozen=True, kw_only=True)
class Band:
    """One grade: probabilities of default from `low` to below `high`."""

    grade: str
    low: Decimal
    high: Decimal


def master_scale() -> tuple[Band, ...]:
    """Return the grades, safest first; the last one ends at 1."""
    bands, low, high = [], Decimal(0), _FIRST
    for grade in GRADES[:-1]:
        bands.append(Band(grade=grade, low=low, high=high.quantize(_PLACES)))
        low, high = high.quantize(_PLACES), high * _STEP
    return (*bands, Band(grade=GRADES[-1], low=low, high=Decimal(1)))


def grade_of_probability(probability: Decimal) -> str:
    """Return the grade of a probability of default in [0, 1]."""
    return next((band.grade for band in master_scale() if probability < band.high), GRADES[-1])


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A score's way to a probability: 1 / (1 + exp(-(intercept + slope x score / 100)))."""

    intercept: float
    slope: float
    population: str
    cases: int
    failures: int

    def probability(self, score: Decimal) -> Decimal:
        """Return the one-year probability of default of a score of 0 to 100."""
        logit = self.intercept + self.slope * float(score) / 100
        chance = 1 / (1 + exp(-min(max(logit, -30), 30)))
        return Decimal(repr(chance)).quantize(_PLACES, rounding=ROUND_HALF_UP)


def shipped_calibration(standards: str) -> Calibration:
    """Return the calibration for scores against a shipped table of standard values.

    Fitted on Polish firms, whose statements alone were scored; raises KeyError for another table.
    """
    row = _fitted()["calibrations"][standards]
    return Calibration(**row)


@cache
def _fitted() -> dict[str, Any]:
    text = files("rongqiao.risk.enterprise").joinpath("fitted.json").read_text("utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def calibrate(scores: Sequence[float], failed: Sequence[bool], population: str) -> Calibration:
    """Return the logistic calibration of scores (0 to 100) to what became of the firms.

    Newton's method on the two-parameter likelihood. A better score never gets a worse probability:
    raises ValueError where the data say so, or where fewer than 20 failed or stayed.
    """
    # Only fitting needs it: what closes days reads grades alone, and is to stay small.
    import numpy as np  # noqa: PLC0415

    x = np.asarray(scores, dtype=float) / 100
    y = np.asarray(failed, dtype=float)
    failures = int(y.sum())
    if min(failures, len(y) - failures) < 20:
        raise ValueError(f"{failures} failures of {len(y)}: at least 20 of each kind are needed")
    design = np.column_stack([np.ones_like(x), x])
    beta = np.zeros(2)
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        weight = np.maximum(chance * (1 - chance), 1e-9)
        step = np.linalg.solve(design.T * weight @ design, design.T @ (y - chance))
        beta += step
        if np.abs(step).max() < 1e-10:
            break
    if beta[1] >= 0:
        raise ValueError("better scores failed more often: nothing to calibrate")
    return Calibration(
        intercept=float(beta[0]),
        slope=float(beta[1]),
        population=population,
        cases=len(y),
        failures=failures,
    )
