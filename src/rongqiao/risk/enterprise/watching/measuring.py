"""How well the steps of a rule tell firms that failed: marked, failed among them, lift, intervals.

A step marks the firms between its bound and the next. Lift is their share of failures over that of
all firms whose measure is known. Intervals are percentiles of resamples of the firms (Efron and
Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13): what a resample counts by step and
end is multinomial, and is drawn as such.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rongqiao.risk.enterprise.watching.steps import (
    FEW,
    FEWER,
    HOLDS,
    NO_MORE,
    NOT_APART,
    RISES,
    StepMeasure,
)
from rongqiao.risk.enterprise.watching.warnings import GRAVE

DRAWS, SEED = 4_000, 20_260_101
ENDS = (2.5, 97.5)
# A step that marks fewer firms is not judged.
LEAST_FIRMS = 50
_STEPS = GRAVE + 1
_Draws = NDArray[np.float64]


def measure_steps(
    reached: Sequence[int], failed: Sequence[bool], bounds: Sequence[str | None]
) -> tuple[StepMeasure, ...]:
    """Return what each step above 0 did, given the step each firm reached and whether it failed.

    A step whose bound is None is not used. Raises ValueError where no firm failed.
    """
    steps = np.asarray(reached, np.int64)
    ends = np.asarray(failed, np.int64)
    cells = np.bincount(2 * steps + ends, minlength=2 * _STEPS).astype(np.float64)
    if not cells[1::2].sum():
        raise ValueError("no firm failed: nothing can be measured")
    generator = np.random.default_rng(SEED)
    drawn = generator.multinomial(len(steps), cells / cells.sum(), DRAWS).astype(np.float64)
    found = []
    below = 0
    for step, bound in enumerate(bounds, start=1):
        if bound is not None:
            found.append(_measured(step, bound, cells, drawn, below))
            below = step if found[-1].marked else below
    return tuple(found)


def _measured(step: int, bound: str, cells: _Draws, drawn: _Draws, below: int) -> StepMeasure:
    marked, lost = int(cells[2 * step] + cells[2 * step + 1]), int(cells[2 * step + 1])
    if not marked:
        return StepMeasure(
            step=step,
            bound=bound,
            marked=0,
            failed=0,
            share=None,
            share_low=None,
            share_high=None,
            lift=None,
            lift_low=None,
            lift_high=None,
            verdict=FEW,
        )
    base = float(cells[1::2].sum() / cells.sum())
    shares = _shares(drawn, step)
    lifts = _over(shares * drawn.sum(axis=1), drawn[:, 1::2].sum(axis=1))
    low, high = _ends(shares)
    lift_low, lift_high = _ends(lifts)
    has_below = cells[2 * below] + cells[2 * below + 1] > 0
    rises = bool(has_below) and _ends(shares - _shares(drawn, below))[0] > 0
    return StepMeasure(
        step=step,
        bound=bound,
        marked=marked,
        failed=lost,
        share=round(lost / marked, 4),
        share_low=low,
        share_high=high,
        lift=round(lost / marked / base, 4),
        lift_low=lift_low,
        lift_high=lift_high,
        verdict=_verdict(marked, lift_low, lift_high, rises=rises),
    )


def _verdict(marked: int, low: float, high: float, *, rises: bool) -> str:
    if marked < LEAST_FIRMS:
        return FEW
    if high < 1:
        return FEWER
    if low > 1:
        return HOLDS if rises else NOT_APART
    return RISES if rises else NO_MORE


def _shares(drawn: _Draws, step: int) -> _Draws:
    return _over(drawn[:, 2 * step + 1], drawn[:, 2 * step] + drawn[:, 2 * step + 1])


def _over(part: _Draws, whole: _Draws) -> _Draws:
    """Return the ratio; a resample without what it is over says nothing."""
    nothing = np.full(len(whole), np.nan)
    return np.asarray(np.divide(part, whole, out=nothing, where=whole > 0))


def _ends(values: _Draws) -> tuple[float, float]:
    low, high = np.nanpercentile(values, ENDS)
    return round(float(low), 4), round(float(high), 4)
