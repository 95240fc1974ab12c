"""The challenger: bagged, calibrated LightGBM trees that keep the monotone directions given.

The trees travel as LightGBM's own text inside sealed JSON: nothing of it is ever executed, and
nothing is pickled. LightGBM is imported where it is used, so that other commands start without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.binning import Direction, smoothed_woe
from rongqiao.risk.scorecards.folds import fold_of_rows
from rongqiao.risk.scorecards.modelcard import FORMAT, About, hash_of, opened, sealed
from rongqiao.risk.scorecards.shaping.logistic import fit_logistic, log_loss, sigmoid
from rongqiao.risk.scorecards.table import (
    Columns,
    Numbers,
    Values,
    checked_target,
    is_words,
    rows_in,
    take,
)

KIND = "challenger"
REASONS = 4
NO_REASON = -1
Matrix = npt.NDArray[np.float64]
SIGNS = {"rising": 1, "falling": -1}
# Numbers of rounds are tried in steps of this many.
STEP = 20


@dataclass(frozen=True, kw_only=True)
class ChallengerSettings:
    """How the trees grow: one set of defaults for every data set.

    The number of rounds is the one with the least log-loss in `folds` inner folds, out of fold
    and once calibrated;
    `seeds` is how many boosters are averaged. `threads` is fixed because sums of floats differ
    with it.
    """

    rounds_most: int = 500
    folds: int = 4
    seeds: int = 4
    learning_rate: float = 0.05
    leaves: int = 15
    rows_in_leaf: int = 20
    columns_share: float = 0.8
    rows_share: float = 0.8
    ridge: float = 1.0
    smoothing: float = 20.0
    threads: int = 1
    seed: int = 20_260_101


@dataclass(frozen=True, kw_only=True)
class Challenger:
    """Boosters as text with their words' codes and their calibration.

    `words` has for each column of words the number that stands for each word; `calibration` is
    intercept and slope on the boosters' mean log-odds.
    """

    names: tuple[str, ...]
    words: Mapping[str, Mapping[str, float]]
    models: tuple[str, ...]
    calibration: tuple[float, float]
    about: About = field(default_factory=About)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the reason code of each column number."""
        return self.names

    def probability(self, columns: Columns) -> Numbers:
        """Return each row's calibrated chance of the event."""
        matrix = encode(columns, self.names, self.words)
        raw = np.mean([one.predict(matrix, raw_score=True) for one in self._boosters], axis=0)
        intercept, slope = self.calibration
        return sigmoid(intercept + slope * raw)

    def contributions(self, columns: Columns) -> Matrix:
        """Return what each column adds to each row's log-odds (LightGBM's tree SHAP)."""
        matrix = encode(columns, self.names, self.words)
        told = [np.asarray(one.predict(matrix, pred_contrib=True)) for one in self._boosters]
        return np.asarray(np.mean(told, axis=0)[:, :-1] * self.calibration[1])

    def reasons(self, columns: Columns, count: int = REASONS) -> npt.NDArray[np.int16]:
        """Return for each row the columns that raise its risk most, gravest first."""
        added = self.contributions(columns)
        found = np.full((len(added), count), NO_REASON, np.int16)
        order = np.argsort(-added, axis=1, kind="stable")[:, :count]
        raises = np.take_along_axis(added, order, axis=1) > 0
        found[:, : order.shape[1]] = np.where(raises, order, NO_REASON)
        return found

    @cached_property
    def sha256(self) -> str:
        """Return the hash of everything in the model."""
        return hash_of(self._body())

    def to_json(self) -> str:
        """Return the model as one sealed canonical JSON text."""
        return sealed(self._body())

    @classmethod
    def from_json(cls, text: str) -> Challenger:
        """Return the model of a text; raises ModelChanged where a byte of it was changed."""
        body = opened(text, KIND)
        return cls(
            names=tuple(body["names"]),
            words=body["words"],
            models=tuple(body["models"]),
            calibration=(body["calibration"][0], body["calibration"][1]),
            about=About.of(body["about"]),
        )

    @cached_property
    def _boosters(self) -> list[Any]:
        from lightgbm import Booster  # noqa: PLC0415 - see the module's first words

        return [Booster(model_str=text) for text in self.models]

    def _body(self) -> dict[str, Any]:
        return {
            "kind": KIND,
            "format": FORMAT,
            "names": list(self.names),
            "words": {name: dict(codes) for name, codes in self.words.items()},
            "models": list(self.models),
            "calibration": list(self.calibration),
            "about": self.about.plain(),
        }


def fit_challenger(
    columns: Columns,
    target: Values,
    *,
    directions: Mapping[str, Direction] | None = None,
    settings: ChallengerSettings | None = None,
) -> Challenger:
    """Return calibrated boosters of a table, `target` being 1 where the event happened.

    Raises WrongTable where the columns or the target cannot be read.
    """
    chosen = settings or ChallengerSettings()
    event = checked_target(target, rows_in(columns))
    names = tuple(columns)
    given = _parameters(names, directions or {}, chosen)
    rounds, calibration = _calibrate(columns, event, given, chosen)
    words = _codes(columns, event, chosen.smoothing)
    matrix = encode(columns, names, words)
    models = tuple(
        _grow(matrix, event, {**given, "seed": chosen.seed + turn}, rounds).model_to_string()
        for turn in range(chosen.seeds)
    )
    return Challenger(names=names, words=words, models=models, calibration=calibration)


def encode(
    columns: Columns, names: tuple[str, ...], words: Mapping[str, Mapping[str, float]]
) -> Matrix:
    """Return the table as numbers; a column that is not there, or an unseen word, is missing."""
    rows = rows_in(columns)
    matrix = np.full((rows, len(names)), np.nan)
    for at, name in enumerate(names):
        values = columns.get(name)
        if values is None:
            continue
        if name in words:
            if is_words(values):
                known = words[name]
                found = (known.get(one, np.nan) for one in values.tolist())
                matrix[:, at] = np.fromiter(found, np.float64, rows)
        elif not is_words(values):
            matrix[:, at] = values
    return matrix


def _parameters(
    names: tuple[str, ...], directions: Mapping[str, Direction], chosen: ChallengerSettings
) -> dict[str, Any]:
    signs = [SIGNS.get(directions.get(name, "auto"), 0) for name in names]
    given: dict[str, Any] = {
        "objective": "binary",
        "learning_rate": chosen.learning_rate,
        "num_leaves": chosen.leaves,
        "min_data_in_leaf": chosen.rows_in_leaf,
        "feature_fraction": chosen.columns_share,
        "bagging_fraction": chosen.rows_share,
        "bagging_freq": 1,
        "lambda_l2": chosen.ridge,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": chosen.threads,
        "verbosity": -1,
        "seed": chosen.seed,
    }
    if any(signs):
        # "advanced" of LightGBM 4.7 breaks directions when rows and columns are sampled: seen in
        # 92 of 960 ladders; "intermediate" in none (docs/scorecards.md).
        given |= {"monotone_constraints": signs, "monotone_constraints_method": "intermediate"}
    return given


def _calibrate(
    columns: Columns, event: Numbers, given: Mapping[str, Any], chosen: ChallengerSettings
) -> tuple[int, tuple[float, float]]:
    """Return the best number of rounds and Platt's line, both from predictions out of fold."""
    fold = fold_of_rows(event, chosen.folds, chosen.seed)
    names = tuple(columns)
    steps = range(STEP, chosen.rounds_most + 1, STEP)
    raw = np.empty((len(steps), len(event)))
    for one in range(chosen.folds):
        inside = fold != one
        words = _codes(take(columns, inside), event[inside], chosen.smoothing)
        matrix = encode(columns, names, words)
        booster = _grow(matrix[inside], event[inside], given, chosen.rounds_most)
        total = np.zeros(int(np.sum(~inside)))
        for at, step in enumerate(steps):
            total += booster.predict(
                matrix[~inside], raw_score=True, start_iteration=step - STEP, num_iteration=STEP
            )
            raw[at, ~inside] = total
    lines = [fit_logistic(one[:, None], event) for one in raw]
    losses = [
        log_loss(start + slope[0] * one, event)
        for (start, slope), one in zip(lines, raw, strict=True)
    ]
    best = int(np.argmin(losses))
    return steps[best], (lines[best][0], float(lines[best][1][0]))


def _grow(matrix: Matrix, event: Numbers, given: Mapping[str, Any], rounds: int) -> Any:
    import lightgbm  # noqa: PLC0415 - see the module's first words

    sample = lightgbm.Dataset(matrix, event, params={"verbosity": -1})
    return lightgbm.train(dict(given), sample, num_boost_round=rounds)


def _codes(columns: Columns, event: Numbers, smoothing: float) -> dict[str, dict[str, float]]:
    """Return for each column of words each word's smoothed log-odds of the event."""
    found = {}
    for name, values in columns.items():
        if not is_words(values):
            continue
        gone = np.fromiter((one is None for one in values), np.bool_, len(values))
        known, inverse = np.unique(values[~gone].astype(str), return_inverse=True)
        count = np.bincount(inverse, minlength=len(known)).astype(np.float64)
        bads = np.bincount(inverse, event[~gone], minlength=len(known)).astype(np.float64)
        risk = -smoothed_woe(count, bads, smoothing)
        found[name] = dict(zip(known.tolist(), risk.tolist(), strict=True))
    return found
