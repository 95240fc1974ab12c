"""Logistic regression by penalised Newton steps, with weights that may be held above zero."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.table import Numbers

Matrix = npt.NDArray[np.float64]
STEPS_MOST = 50
TOLERANCE = 1e-9


def sigmoid(logit: Numbers) -> Numbers:
    """Return probabilities of log-odds; no overflow at either end."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * logit)))


def log_loss(logit: Numbers, target: Numbers) -> float:
    """Return the summed negative log-likelihood."""
    return float(np.sum(np.logaddexp(0.0, logit) - target * logit))


def fit_logistic(
    matrix: Matrix,
    target: Numbers,
    *,
    penalty: float = 0.0,
    at_least_zero: bool = False,
    offset: Numbers | None = None,
) -> tuple[float, Numbers]:
    """Return intercept and weights that minimise log-loss + penalty / 2 * |weights|^2.

    Iteratively reweighted least squares with step halving (McCullagh and Nelder, Generalized
    Linear Models, 1989, section 2.5). With `at_least_zero` each step solves its quadratic over
    weights >= 0; the intercept is free and not penalised.
    """
    rows, width = matrix.shape
    fixed = np.zeros(rows) if offset is None else offset
    design = np.column_stack([np.ones(rows), matrix])
    weights = np.zeros(width + 1)
    rate = min(max(float(target.mean()), 1e-6), 1 - 1e-6)
    weights[0] = np.log(rate / (1 - rate)) if offset is None else 0.0
    ridge = np.full(width + 1, penalty)
    ridge[0] = 0.0
    loss = _loss(design, weights, target, fixed, ridge)
    for _ in range(STEPS_MOST):
        p = sigmoid(design @ weights + fixed)
        curve = np.maximum(p * (1 - p), 1e-10)
        slope = design.T @ (target - p) - ridge * weights
        bend = (design * curve[:, None]).T @ design
        bend[np.diag_indices(width + 1)] += ridge + 1e-9
        if at_least_zero:
            wanted = _solve_above_zero(bend, slope + bend @ weights, weights)
        else:
            wanted = weights + np.linalg.solve(bend, slope)
        weights, lower = _halved(design, target, fixed, ridge, (weights, wanted, loss))
        if loss - lower <= TOLERANCE * (abs(loss) + 1):
            break
        loss = lower
    return float(weights[0]), weights[1:]


def _halved(
    design: Matrix,
    target: Numbers,
    fixed: Numbers,
    ridge: Numbers,
    step: tuple[Numbers, Numbers, float],
) -> tuple[Numbers, float]:
    """Return the first of the full, half, quarter ... steps that does not raise the loss."""
    weights, wanted, loss = step
    share = 1.0
    for _ in range(20):
        tried = weights + share * (wanted - weights)
        lower = _loss(design, tried, target, fixed, ridge)
        if lower <= loss:
            return tried, lower
        share /= 2
    return weights, loss


def _loss(
    design: Matrix, weights: Numbers, target: Numbers, fixed: Numbers, ridge: Numbers
) -> float:
    penalty = 0.5 * float(np.sum(ridge * weights * weights))
    return log_loss(design @ weights + fixed, target) + penalty


def _solve_above_zero(bend: Matrix, pull: Numbers, start: Numbers) -> Numbers:
    """Minimise x'Bx/2 - pull'x over x[1:] >= 0 by coordinate descent (convex: any start ends)."""
    x = start.copy()
    rest = pull - bend @ x
    for _ in range(500):
        moved = 0.0
        for i in range(len(x)):
            step = rest[i] / bend[i, i]
            if i:
                step = max(step, -x[i])
            if step:
                x[i] += step
                rest -= step * bend[:, i]
                moved = max(moved, abs(step))
        if moved < 1e-8:
            break
    return np.asarray(x)
