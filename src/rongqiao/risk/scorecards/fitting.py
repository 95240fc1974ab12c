"""Fit a scorecard: bins, weights that never turn a bin's meaning round, whole points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rongqiao.risk.scorecards.binning import Binning, BinSettings, Direction, bin_column
from rongqiao.risk.scorecards.card import Characteristic, Scaling, Scorecard
from rongqiao.risk.scorecards.modelcard import About
from rongqiao.risk.scorecards.shaping.logistic import fit_logistic
from rongqiao.risk.scorecards.table import Columns, Numbers, Values, checked_target, rows_in


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a scorecard is fitted: one set of defaults for every data set.

    Columns below `iv_least` are left out; `penalty` is the ridge on weights of WOE.
    """

    bins: BinSettings = field(default_factory=BinSettings)
    iv_least: float = 0.005
    penalty: float = 1.0
    scaling: Scaling = field(default_factory=Scaling)


def fit_scorecard(
    columns: Columns,
    target: Values,
    *,
    directions: Mapping[str, Direction] | None = None,
    settings: FitSettings | None = None,
) -> Scorecard:
    """Return the scorecard of a table, `target` being 1 where the event (a default) happened.

    `directions` says for a column how the event's chance goes with its value; without it "auto".
    Raises WrongTable where the columns or the target cannot be read.
    """
    chosen = settings or FitSettings()
    event = checked_target(target, rows_in(columns))
    wanted = directions or {}
    binnings = {
        name: bin_column(values, event, direction=wanted.get(name, "auto"), settings=chosen.bins)
        for name, values in columns.items()
    }
    binnings = {name: one for name, one in binnings.items() if one.iv >= chosen.iv_least}
    woe = _woe(binnings, columns, len(event))
    start, weights = fit_logistic(-woe, event, penalty=chosen.penalty, at_least_zero=True)
    return _in_points(binnings, start, dict(zip(binnings, weights.tolist(), strict=True)), chosen)


def _woe(binnings: Mapping[str, Binning], columns: Columns, rows: int) -> Numbers:
    if not binnings:
        return np.empty((rows, 0))
    return np.column_stack(
        [np.array(one.woe)[one.bins_of(columns[name])] for name, one in binnings.items()]
    )


def _in_points(
    binnings: Mapping[str, Binning], start: float, weights: Mapping[str, float], chosen: FitSettings
) -> Scorecard:
    factor = chosen.scaling.factor
    kept = {name: one for name, one in binnings.items() if weights[name] > 0}
    return Scorecard(
        base=round(chosen.scaling.offset - factor * start),
        binnings=kept,
        characteristics=tuple(
            Characteristic((name,), tuple(round(factor * weights[name] * woe) for woe in one.woe))
            for name, one in kept.items()
        ),
        scaling=chosen.scaling,
        about=About(),
    )
