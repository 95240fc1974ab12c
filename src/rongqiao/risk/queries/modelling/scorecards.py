"""Fit, open and measure scoring models: the door to the pure room `risk.scorecards`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rongqiao.risk.scorecards import folds, metrics
from rongqiao.risk.scorecards.binning import Direction
from rongqiao.risk.scorecards.card import Scorecard
from rongqiao.risk.scorecards.challenger import Challenger, ChallengerSettings, fit_challenger
from rongqiao.risk.scorecards.fitting import FitSettings, fit_scorecard
from rongqiao.risk.scorecards.table import Columns, Numbers, Rows, Values

__all__ = [
    "Challenger",
    "ChallengerSettings",
    "Columns",
    "Direction",
    "FitSettings",
    "Measures",
    "Numbers",
    "Rows",
    "Scorecard",
    "Values",
    "challenger_of",
    "measured",
    "scorecard_of",
    "split",
]


@dataclass(frozen=True, kw_only=True)
class Measures:
    """How well chances fit what happened; slope and intercept are of logistic recalibration."""

    auc: float
    ks: float
    brier: float
    slope: float
    intercept: float


def scorecard_of(
    columns: Columns,
    target: Values,
    *,
    directions: Mapping[str, Direction] | None = None,
    periods: Numbers | None = None,
    settings: FitSettings | None = None,
) -> Scorecard:
    """Return the scorecard of a table; see risk.scorecards.fitting."""
    return fit_scorecard(columns, target, directions=directions, periods=periods, settings=settings)


def challenger_of(
    columns: Columns,
    target: Values,
    *,
    directions: Mapping[str, Direction] | None = None,
    settings: ChallengerSettings | None = None,
) -> Challenger:
    """Return the calibrated boosters of a table; see risk.scorecards.challenger."""
    return fit_challenger(columns, target, directions=directions, settings=settings)


def measured(target: Numbers, chance: Numbers) -> Measures:
    """Return how well chances fit the outcomes of the same rows."""
    line = metrics.calibration(target, chance)
    return Measures(
        auc=metrics.auc(target, chance),
        ks=metrics.ks(target, chance),
        brier=metrics.brier(target, chance),
        slope=line.slope,
        intercept=line.intercept,
    )


def split(target: Numbers, count: int = 5) -> Iterator[tuple[Rows, Rows]]:
    """Yield the stratified folds of the house's seed, as (rows to learn from, rows to test on)."""
    return folds.split(target, count)
