"""`rongqiao bench risk`: AUC, calibration and speed of our models, with peers of the same run.

Five stratified folds of seed 20260101, all preprocessing inside the fold, the same settings for
every set; the SBA's loans out of time, taught by FY1990 to 2004.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from statistics import mean, median
from time import perf_counter
from typing import NamedTuple

import numpy as np

from rongqiao.cli.bench.report import Figure, Report, Work
from rongqiao.cli.bench.risk.baselines import (
    lightgbm_chances,
    optbinning_chances,
    optbinning_is_here,
)
from rongqiao.cli.bench.risk.grounds import Ground, ground, sba
from rongqiao.risk.queries.modelling.scorecards import (
    ChallengerSettings,
    Columns,
    FitSettings,
    Measures,
    Numbers,
    Scorecard,
    challenger_of,
    measured,
    scorecard_of,
    split,
)

FOLDS, QUICK_FOLDS = 5, 1
ROWS_SCORED, ONE_ROW_TURNS = 1_000_000, 5_000
SECONDS_MOST, MICROSECONDS_MOST = 2.0, 100.0
SLOPE_LEAST, SLOPE_MOST = 0.95, 1.05
FIRST_YEAR, LAST_YEAR = 1990, 2004
OURS = ("scorecard", "challenger")


class Floor(NamedTuple):
    """The least AUC of each of our models, None where a figure is only told."""

    title: str
    scorecard: float | None
    challenger: float | None


FLOORS = {
    "german_credit": Floor("German", 0.800, None),
    "taiwan_credit_card": Floor("Taiwan", 0.770, 0.784),
    "polish_bankruptcy_5year": Floor("Polish 5th year", 0.920, 0.960),
    "australian_credit": Floor("Australian", None, None),
}
YEARS = {
    2005: Floor("SBA FY2005", None, 0.673),
    2006: Floor("SBA FY2006", 0.672, None),
}


@dataclass(frozen=True)
class Effort:
    """How much is done: folds tested, and how the models are fitted."""

    folds: int
    scorecard: FitSettings
    challenger: ChallengerSettings

    @classmethod
    def of(cls, work: Work) -> Effort:
        """Return the effort of a whole or a quick run."""
        if not work.quick:
            return cls(FOLDS, FitSettings(), ChallengerSettings())
        full = FitSettings()
        few = replace(full, boost=replace(full.boost, bags=2, rows_most=8_000))
        return cls(QUICK_FOLDS, few, ChallengerSettings(folds=2, seeds=1, rounds_most=300))


def measure(work: Work) -> Report:
    """Return every figure with its target; peers have none."""
    effort = Effort.of(work)
    figures: list[Figure] = []
    for name, floor in FLOORS.items():
        found = _in_folds(ground(name), effort)
        figures += _aucs(floor, found)
        if name == "taiwan_credit_card":
            figures += [_slope(floor, kind, found[kind]) for kind in OURS]
    out = _out_of_time(sba(), effort)
    for year, floor in YEARS.items():
        figures += _aucs(floor, out[year])
    figures += _speed(ground("taiwan_credit_card"), effort)
    here = optbinning_is_here()
    return Report(
        bench="risk",
        rounds=effort.folds,
        limit={
            "LightGBM": version("lightgbm"),
            "optbinning": version("optbinning")
            if here
            else "absent: it comes with requirements-dev, and its figures are left out",
        },
        figures=tuple(figures),
    )


def _in_folds(set_: Ground, effort: Effort) -> dict[str, list[Measures]]:
    found: dict[str, list[Measures]] = {}
    for turn, (learnt, tested) in enumerate(split(set_.target)):
        if turn == effort.folds:
            break
        columns, out = _take(set_.columns, learnt), _take(set_.columns, tested)
        fits = _fits(columns, set_.target[learnt], effort, None)
        for kind, chances in fits:
            found.setdefault(kind, []).append(measured(set_.target[tested], chances(out)))
    return found


def _out_of_time(set_: Ground, effort: Effort) -> dict[int, dict[str, list[Measures]]]:
    years = set_.years
    assert years is not None
    learnt = np.flatnonzero((years >= FIRST_YEAR) & (years <= LAST_YEAR))
    columns = _take(set_.columns, learnt)
    found: dict[int, dict[str, list[Measures]]] = {year: {} for year in YEARS}
    for kind, chances in _fits(columns, set_.target[learnt], effort, years[learnt]):
        for year in YEARS:
            tested = np.flatnonzero(years == year)
            out = chances(_take(set_.columns, tested))
            found[year][kind] = [measured(set_.target[tested], out)]
    return found


def _fits(
    columns: Columns, target: Numbers, effort: Effort, periods: Numbers | None
) -> Iterable[tuple[str, Callable[[Columns], Numbers]]]:
    """Yield each model's name and what gives its chances, ours first."""
    card = scorecard_of(columns, target, periods=periods, settings=effort.scorecard)
    yield "scorecard", card.probability
    yield "challenger", challenger_of(columns, target, settings=effort.challenger).probability
    if optbinning_is_here():
        yield "optbinning scorecard", lambda out: optbinning_chances(columns, target, out)
    yield "LightGBM", lambda out: lightgbm_chances(columns, target, out)


def _aucs(floor: Floor, found: dict[str, list[Measures]]) -> list[Figure]:
    least = {"scorecard": floor.scorecard, "challenger": floor.challenger}
    return [
        Figure(f"{floor.title}, {kind}", mean(one.auc for one in all_), "AUC", least.get(kind))
        for kind, all_ in found.items()
    ]


def _slope(floor: Floor, kind: str, found: list[Measures]) -> Figure:
    slope = mean(one.slope for one in found)
    return Figure(f"{floor.title}, {kind}, calibration", slope, "slope", SLOPE_LEAST, SLOPE_MOST)


def _speed(set_: Ground, effort: Effort) -> list[Figure]:
    """Score one row, and a million, with four reasons each."""
    card = scorecard_of(set_.columns, set_.target, settings=effort.scorecard)
    row = {name: values[:1].tolist()[0] for name, values in set_.columns.items()}
    rows = {name: np.resize(values, ROWS_SCORED) for name, values in set_.columns.items()}
    many = min(_seconds(lambda: card.score_all(rows)) for _ in range(3))
    return [
        Figure("one row with reasons", _one_row(card, row), "microseconds", most=MICROSECONDS_MOST),
        Figure("a million rows with reasons", many, "seconds", most=SECONDS_MOST),
    ]


def _one_row(card: Scorecard, row: Mapping[str, object]) -> float:
    card.score_one(row)
    taken = []
    for _ in range(ONE_ROW_TURNS):
        started = perf_counter()
        card.score_one(row)
        taken.append(perf_counter() - started)
    return median(taken) * 1e6


def _seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


def _take(columns: Columns, rows: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Columns:
    return {name: values[rows] for name, values in columns.items()}
