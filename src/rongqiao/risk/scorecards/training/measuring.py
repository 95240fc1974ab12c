"""How well chances of default fit what happened: figures, curves and tables for a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.metrics import auc, brier, calibration, ks, roc
from rongqiao.risk.scorecards.table import Numbers, Rows

CURVE_POINTS, CALIBRATION_BINS = 120, 10
# Fewer rows of a class than this say nothing of a group.
LEAST_OF_EACH = 10
DIGITS = 6


@dataclass(frozen=True)
class Tried:
    """Chances of default of rows a model had not seen, and in which test each row was."""

    chance: Numbers
    bad: Numbers
    test: Rows


def figures(chance: Numbers, bad: Numbers) -> dict[str, float]:
    """Return AUC, Gini, KS, Brier score, calibration intercept and slope of one sample."""
    area, line = auc(bad, chance), calibration(bad, chance)
    return {
        "auc": _rounded(area),
        "gini": _rounded(2 * area - 1),
        "ks": _rounded(ks(bad, chance)),
        "brier": _rounded(brier(bad, chance)),
        "intercept": _rounded(line.intercept),
        "slope": _rounded(line.slope),
        "expected": _rounded(float(chance.mean())),
        "observed": _rounded(float(bad.mean())),
        "rows": len(bad),
    }


def figures_of_tests(tried: Tried) -> dict[str, Any]:
    """Return the figures over all tests, and mean and spread of the AUC from test to test."""
    areas = [
        auc(tried.bad[tried.test == one], tried.chance[tried.test == one])
        for one in np.unique(tried.test)
    ]
    return {
        **figures(tried.chance, tried.bad),
        "auc_mean": _rounded(float(np.mean(areas))),
        "auc_spread": _rounded(float(np.std(areas))),
        "auc_tests": [_rounded(one) for one in areas],
    }


def roc_points(tried: Tried) -> list[list[float]]:
    """Return a ROC curve as at most 120 points (false alarms, hits)."""
    curve = roc(tried.bad, tried.chance)
    at = _spread(len(curve.hits), CURVE_POINTS)
    return [[_rounded(curve.false_alarms[i]), _rounded(curve.hits[i])] for i in at]


def ks_points(tried: Tried) -> list[list[float]]:
    """Return cumulative shares of bad and good rows as the share of all rows grows, worst first."""
    order = np.argsort(-tried.chance, kind="stable")
    bad = np.cumsum(tried.bad[order]) / tried.bad.sum()
    good = np.cumsum(1 - tried.bad[order]) / (1 - tried.bad).sum()
    at = _spread(len(order), CURVE_POINTS)
    return [[0.0, 0.0, 0.0]] + [
        [_rounded((i + 1) / len(order)), _rounded(bad[i]), _rounded(good[i])] for i in at
    ]


def calibration_table(tried: Tried) -> list[dict[str, float]]:
    """Return mean chance and observed rate of rows in bins of like size, lowest chance first."""
    order = np.argsort(tried.chance, kind="stable")
    rows = []
    for part in np.array_split(order, min(CALIBRATION_BINS, len(order))):
        observed = float(tried.bad[part].mean())
        half = 1.96 * float(np.sqrt(max(observed * (1 - observed), 1e-9) / len(part)))
        rows.append(
            {
                "rows": len(part),
                "expected": _rounded(float(tried.chance[part].mean())),
                "observed": _rounded(observed),
                "low": _rounded(max(observed - half, 0.0)),
                "high": _rounded(min(observed + half, 1.0)),
            }
        )
    return rows


def grade_table(
    points: npt.NDArray[Any], bad: Numbers, edges: Sequence[float], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return for each grade, best first, its rows and observed rate; `edges` rise."""
    place = np.searchsorted(np.array(edges), points, side="right")
    rows = []
    for rank, name in enumerate(names):
        here = place == len(edges) - rank
        count = int(here.sum())
        rows.append(
            {
                "grade": name,
                "from": edges[len(edges) - rank - 1] if rank < len(edges) else None,
                "rows": count,
                "share": _rounded(count / len(points)),
                "observed": _rounded(float(bad[here].mean())) if count else None,
            }
        )
    return rows


def _spread(count: int, most: int) -> list[int]:
    """Return at most `most` places from 0 to count - 1, both ends among them."""
    return [int(one) for one in np.unique(np.linspace(0, count - 1, min(count, most)).astype(int))]


def _rounded(value: float) -> float:
    return round(float(value), DIGITS)
