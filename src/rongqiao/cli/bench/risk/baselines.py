"""The peers of the same run, untuned: an optbinning scorecard and LightGBM as they come."""

from __future__ import annotations

import contextlib
import io
import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from rongqiao.risk.queries.modelling.scorecards import Columns, Numbers, Values

SEED = 20_260_101


def optbinning_is_here() -> bool:
    """Tell whether optbinning can be imported: it is among what development needs, no more."""
    return find_spec("optbinning") is not None


def optbinning_chances(columns: Columns, target: Numbers, tested: Columns) -> Numbers:
    """Return chances of a WOE scorecard: optbinning's bins as they come, then a logistic fit."""
    words = [name for name, values in columns.items() if values.dtype == object]
    # The solver's loader prints what it does not find.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        binning = import_module("optbinning").BinningProcess(
            list(columns), categorical_variables=words
        )
        frame = _frame(columns)
        binning.fit(frame, target.astype(np.int64))
        woe = [
            binning.transform(one, metric="woe").to_numpy(np.float64)
            for one in (frame, _frame(tested))
        ]
        fitted = import_module("sklearn.linear_model").LogisticRegression(max_iter=1000)
        fitted.fit(woe[0], target)
        return np.asarray(fitted.predict_proba(woe[1])[:, 1])


def lightgbm_chances(columns: Columns, target: Numbers, tested: Columns) -> Numbers:
    """Return chances of LightGBM's defaults, 100 rounds, words as categories."""
    lightgbm = import_module("lightgbm")
    words = [at for at, values in enumerate(columns.values()) if values.dtype == object]
    codes = {name: _codes(columns[name]) for name in columns if columns[name].dtype == object}
    given = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": SEED,
    }
    sample = lightgbm.Dataset(
        _matrix(columns, codes), target, categorical_feature=words, params={"verbosity": -1}
    )
    return np.asarray(lightgbm.train(given, sample).predict(_matrix(tested, codes)))


def _frame(columns: Columns) -> Any:
    filled = {
        name: np.array([one or "" for one in values], object) if values.dtype == object else values
        for name, values in columns.items()
    }
    return import_module("pandas").DataFrame(filled)


def _codes(values: Values) -> dict[str | None, int]:
    known = sorted({one for one in values.tolist() if one is not None})
    return {word: code for code, word in enumerate(known)}


def _matrix(columns: Columns, codes: dict[str, dict[str | None, int]]) -> Any:
    return np.column_stack(
        [
            np.array([codes[name].get(one, np.nan) for one in values.tolist()], np.float64)
            if name in codes
            else values
            for name, values in columns.items()
        ]
    )
