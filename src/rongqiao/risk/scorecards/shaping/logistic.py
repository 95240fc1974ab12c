"""Logistic regression by penalised Newton steps, with weights that may be held above zero."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True)
class Penalty:
    """What holds a fit back: `ridge` / 2 * |slopes|^2, and slopes that may not fall below zero."""

    ridge: float = 0.0
    at_least_zero: bool = False


@dataclass(frozen=True)
class _Problem:
    design: Matrix
    target: Numbers
    ridge: Numbers

    def loss(self, slopes: Numbers) -> float:
        held = 0.5 * float(np.sum(self.ridge * slopes * slopes))
        return log_loss(self.design @ slopes, self.target) + held


def fit_logistic(
    matrix: Matrix,
    target: Numbers,
    *,
    penalty: Penalty | None = None,
) -> tuple[float, Numbers]:
    """Return intercept and slopes that minimise log-loss and penalty.

    Iteratively reweighted least squares with step halving (McCullagh and Nelder, Generalized
    Linear Models, 1989, section 2.5). Where slopes are held above zero, each step solves its
    quadratic over slopes >= 0; the intercept is free and not penalised.
    """
    rows, width = matrix.shape
    held = penalty or Penalty()
    ridge = np.full(width + 1, held.ridge)
    ridge[0] = 0.0
    problem = _Problem(np.column_stack([np.ones(rows), matrix]), target, ridge)
    rate = float(np.clip(target.mean(), 1e-6, 1 - 1e-6))
    slopes = np.zeros(width + 1)
    slopes[0] = np.log(rate / (1 - rate))
    loss = problem.loss(slopes)
    for _ in range(STEPS_MOST):
        wanted = _newton(problem, slopes, at_least_zero=held.at_least_zero)
        slopes, lower = _halved(problem, slopes, wanted, loss)
        if loss - lower <= TOLERANCE * (abs(loss) + 1):
            break
        loss = lower
    return float(slopes[0]), slopes[1:]


def _newton(problem: _Problem, slopes: Numbers, *, at_least_zero: bool) -> Numbers:
    """Return where the loss's quadratic at `slopes` is least."""
    p = sigmoid(problem.design @ slopes)
    curve = np.maximum(p * (1 - p), 1e-12)
    pull = problem.design.T @ (problem.target - p) - problem.ridge * slopes
    bend = (problem.design * curve[:, None]).T @ problem.design
    bend[np.diag_indices(len(slopes))] += problem.ridge + 1e-9
    if at_least_zero:
        return _solve_above_zero(bend, pull + bend @ slopes, slopes)
    return np.asarray(slopes + np.linalg.solve(bend, pull))


def _halved(
    problem: _Problem, slopes: Numbers, wanted: Numbers, loss: float
) -> tuple[Numbers, float]:
    """Return the first of the full, half, quarter ... steps that does not raise the loss."""
    share = 1.0
    for _ in range(20):
        tried = slopes + share * (wanted - slopes)
        lower = problem.loss(tried)
        if lower <= loss:
            return np.asarray(tried), lower
        share /= 2
    return slopes, loss


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
