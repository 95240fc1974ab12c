"""How well scores tell events from non-events, and how far two samples have drifted apart.

`risk` rises with the chance of the event; `target` is 1 where it happened.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.shaping.logistic import fit_logistic
from rongqiao.risk.scorecards.table import Numbers


class Curve(NamedTuple):
    """Points of a ROC curve from (0, 0) to (1, 1), one a distinct score."""

    false_alarms: Numbers
    hits: Numbers


class Calibration(NamedTuple):
    """Logistic recalibration: intercept 0 and slope 1 where chances are right (Cox 1958)."""

    intercept: float
    slope: float


def roc(target: Numbers, risk: Numbers) -> Curve:
    """Return the ROC curve; raises ValueError where only one class is there."""
    order = np.argsort(-risk, kind="stable")
    hit = np.cumsum(target[order])
    seen = np.arange(1, len(order) + 1)
    if not len(order) or hit[-1] in (0, len(order)):
        raise ValueError("a curve needs cases of both classes")
    last = np.append(np.flatnonzero(np.diff(risk[order])), len(order) - 1)
    hits, alarms = hit[last], seen[last] - hit[last]
    return Curve(np.append(0.0, alarms / alarms[-1]), np.append(0.0, hits / hits[-1]))


def auc(target: Numbers, risk: Numbers) -> float:
    """Return the area under the ROC curve; ties count half (Hanley and McNeil 1982)."""
    curve = roc(target, risk)
    return float(np.trapezoid(curve.hits, curve.false_alarms))


def gini(target: Numbers, risk: Numbers) -> float:
    """Return 2 * AUC - 1."""
    return 2 * auc(target, risk) - 1


def ks(target: Numbers, risk: Numbers) -> float:
    """Return the greatest distance of the two classes' distributions (Kolmogorov, Smirnov)."""
    curve = roc(target, risk)
    return float(np.max(np.abs(curve.hits - curve.false_alarms)))


def brier(target: Numbers, probability: Numbers) -> float:
    """Return the mean squared error of the chances (Brier 1950)."""
    return float(np.mean((probability - target) ** 2))


def calibration(target: Numbers, probability: Numbers) -> Calibration:
    """Return intercept and slope of a logistic regression of the event on its log-odds."""
    kept = np.clip(probability, 1e-9, 1 - 1e-9)
    start, weights = fit_logistic(np.log(kept / (1 - kept))[:, None], target)
    return Calibration(start, float(weights[0]))


def shares(places: npt.NDArray[np.integer], size: int) -> Numbers:
    """Return the share of rows in each of `size` bins."""
    counts = np.bincount(places, minlength=size).astype(np.float64)
    return np.asarray(counts / max(counts.sum(), 1.0))


def drift_parts(expected: Numbers, actual: Numbers, *, least: float = 1e-4) -> Numbers:
    """Return each bin's part of the population stability index: (a - e) * ln(a / e).

    Shares below `least` count as that much. Of scores it is PSI, of a column's bins CSI; alarms
    at .1 and .25 (Siddiqi 2017, chapter 14).
    """
    e, a = np.maximum(expected, least), np.maximum(actual, least)
    return np.asarray((a - e) * np.log(a / e))


def psi(expected: Numbers, actual: Numbers) -> float:
    """Return the population stability index of two rows of shares."""
    return float(drift_parts(expected, actual).sum())


def score_bins(points: Numbers, count: int = 10) -> Numbers:
    """Return the inner edges that cut a sample of scores into at most `count` like bins."""
    at = np.quantile(points, np.arange(1, count) / count, method="lower")
    return np.asarray(np.unique(at))
