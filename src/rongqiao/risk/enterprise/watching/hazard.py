"""A monthly hazard from warning signs: the chance that a firm still sound fails within the month.

Discrete-time survival by logistic regression on firm-months (Shumway 2001, Journal of Business
74(1), p. 110: equal to a multi-period logit). Weights are held at zero or more: a graver sign never
lowers the hazard.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import exp
from typing import TYPE_CHECKING

from rongqiao.risk.enterprise.watching.warnings import Signal

if TYPE_CHECKING:
    # Only fitting needs it: what closes days asks a fitted hazard, and is to stay small.
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

RIDGE = 1.0
ROUNDS = 400


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """A fitted hazard: log-odds `intercept` plus a weight for each rule's severity (0 to 3)."""

    rules: tuple[str, ...]
    intercept: float
    weights: tuple[float, ...]
    months: int
    population: str
    rows: int
    failures: int

    def within(self, severities: Sequence[int]) -> float:
        """Return the chance of failing within one month of `severities`, in the rules' order."""
        weighed = sum(w * one for w, one in zip(self.weights, severities, strict=True))
        whole = 1 / (1 + exp(-min(max(self.intercept + weighed, -30), 30)))
        return 1 - float((1 - whole) ** (1 / self.months))

    def of(self, met: Iterable[Signal]) -> float:
        """Return the chance of failing within one month of the signs that are met."""
        found = {one.code: one.severity for one in met}
        return self.within([found.get(code, 0) for code in self.rules])


def fit_hazard(
    severities: Matrix,
    failed: Sequence[bool],
    rules: tuple[str, ...],
    *,
    months: int,
    population: str,
) -> Hazard:
    """Return the hazard of rows of severities (0 to 3) and whether each failed within `months`.

    Penalised likelihood by projected gradient with a diagonal bound on the curvature, weights
    never negative. Raises ValueError where the shapes differ or fewer than 20 failed.
    """
    import numpy as np  # noqa: PLC0415

    y = np.asarray(failed, dtype=float)
    if severities.shape != (len(y), len(rules)):
        raise ValueError(f"{severities.shape} severities for {len(y)} rows of {len(rules)} rules")
    if y.sum() < 20:
        raise ValueError(f"{int(y.sum())} failures: at least 20 are needed")
    weights, intercept = _fit(severities, y)
    return Hazard(
        rules=rules,
        intercept=intercept,
        weights=tuple(float(one) for one in weights),
        months=months,
        population=population,
        rows=len(y),
        failures=int(y.sum()),
    )


def shipped_hazard() -> Hazard:
    """Return the hazard that comes with the project: fitted on Polish firms, on no Chinese one.

    The Polish set knows statements alone: events weigh by hand, and the file says which.
    """
    return _shipped()


@cache
def _shipped() -> Hazard:
    row = json.loads(files("rongqiao.risk.enterprise").joinpath("fitted.json").read_text("utf-8"))[
        "hazard"
    ]
    weights = row["weights"] | row["by_hand"]
    return Hazard(
        rules=tuple(weights),
        intercept=row["intercept"],
        weights=tuple(weights.values()),
        months=row["months"],
        population=row["population"],
        rows=row["rows"],
        failures=row["failures"],
    )


def _fit(x: Matrix, y: Matrix) -> tuple[Matrix, float]:
    import numpy as np  # noqa: PLC0415

    weights = np.zeros(x.shape[1])
    base = y.mean()
    intercept = float(np.log(base / (1 - base)))
    penalty = RIDGE / 2
    for _ in range(ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(intercept + x @ weights, -30, 30)))
        curve = np.maximum(chance * (1 - chance), 1e-6)
        # Newton on the free coordinates; those at zero that want to go below stay there.
        slope = x.T @ (y - chance) - penalty * weights
        free = (weights > 0) | (slope > 0)
        design = np.column_stack([np.ones(len(y)), x[:, free]])
        bend = (design.T * curve) @ design
        bend[1:, 1:] += np.eye(int(free.sum())) * penalty
        step = np.linalg.solve(bend, np.concatenate([[(y - chance).sum()], slope[free]]))
        intercept += float(step[0])
        moved = weights.copy()
        moved[free] += step[1:]
        moved = np.maximum(moved, 0)
        change = max(abs(float(step[0])), float(np.abs(moved - weights).max(initial=0)))
        weights = moved
        if change < 1e-8:
            break
    return weights, intercept
