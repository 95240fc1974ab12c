"""A model month by month: has its population moved, does it still part good from bad, is it right.

A population is held against that of the model's first months, and against the one it was taught by
where its file tells it. PSI and CSI alarm at their bounds (bounds.json), but only above what chance
alone gives: for B bins, n and m rows an unmoved population stays below
chi2(.95, B - 1) * (1/n + 1/m) in nineteen months of twenty (Yurdakul and Naranjo, Statistical
properties of the population stability index, Journal of Risk Model Validation 14(4), 2020).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import sqrt

import numpy as np

from rongqiao.risk.scorecards.metrics import auc, calibration, ks, psi, score_bins, shares
from rongqiao.risk.scorecards.monitoring.bounds import bound_of
from rongqiao.risk.scorecards.monitoring.learnt import NO_MODEL, PPM, Learnt
from rongqiao.risk.scorecards.monitoring.tallies import MISSING, MonthTally, by_column
from rongqiao.risk.scorecards.shaping.logistic import sigmoid
from rongqiao.risk.scorecards.table import Numbers

# Beyond so many standard errors a difference is no chance, nineteen times of twenty.
SURE = 1.96
# Fewer cases than this make no figure worth an alarm; fewer of a class no KS at all.
LEAST_ROWS, LEAST_OF_EACH, LEAST_BY_HAND = 50, 10, 20
SCORE_BINS = 10
_Columns = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A figure beyond its bound: `level` is amber (watch) or red (act)."""

    code: str
    column: str
    value: float
    level: str


@dataclass(frozen=True, kw_only=True)
class MonthFigures:
    """What a month says; None where there are too few cases or nothing to compare with."""

    rows: int
    approval_rate: float | None
    override_up_rate: float | None
    override_down_rate: float | None
    psi: float | None
    psi_learnt: float | None
    ks: float | None
    auc: float | None
    intercept: float | None
    slope: float | None
    expected: float | None
    observed: float | None
    known: int
    csi: Mapping[str, float] = field(default_factory=dict)
    csi_learnt: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, float] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()


def figures(now: MonthTally, before: MonthTally | None, learnt: Learnt = NO_MODEL) -> MonthFigures:
    """Return a month's figures.

    `before` are the model's first months, None for these themselves; `learnt` is what the model was
    taught by. Both are compared with, each for itself.
    """
    known = _known(now)
    line = _calibrated(now)
    decided = now.approved + now.declined
    found = MonthFigures(
        rows=now.rows,
        approval_rate=_over(now.approved, decided),
        override_up_rate=_over(now.overrides_up, now.by_person),
        override_down_rate=_over(now.overrides_down, now.by_person),
        psi=None if before is None else _psi(now, before),
        psi_learnt=_psi_learnt(now, learnt),
        ks=None if known is None else ks(*known),
        auc=None if known is None else auc(*known),
        intercept=line.intercept if line else None,
        slope=line.slope if line else None,
        expected=line.expected if line else None,
        observed=_observed(now),
        known=sum(line.good + line.bad for line in now.scores),
        csi={} if before is None else _csi(by_column(now.bins), by_column(before.bins)),
        csi_learnt=_csi(by_column(now.places), by_column(learnt.bins)),
        missing=_missing(now),
    )
    return replace(found, alarms=tuple(_alarms(found, now, before, learnt)))


def by_chance(bins: int, rows: int, others: int) -> float:
    """Return the PSI that an unmoved population exceeds in one month of twenty.

    The chi-square quantile is Wilson and Hilferty's (PNAS 17, 1931), good to a percent from one
    degree of freedom on.
    """
    if bins < 2 or not rows or not others:
        return 0.0
    k = bins - 1
    quantile = k * (1 - 2 / (9 * k) + 1.6449 * sqrt(2 / (9 * k))) ** 3
    return quantile * (1 / rows + 1 / others)


def _known(one: MonthTally) -> tuple[Numbers, Numbers] | None:
    """Return (bad, risk) of the cases whose end is known, or None for too few."""
    good, bad = (sum(getattr(line, name) for line in one.scores) for name in ("good", "bad"))
    if min(good, bad) < LEAST_OF_EACH:
        return None
    score = np.array([line.score for line in one.scores], np.float64)
    counts = [np.array([getattr(line, name) for line in one.scores]) for name in ("good", "bad")]
    risk = np.concatenate([np.repeat(-score, count) for count in counts])
    return np.repeat([0.0, 1.0], [good, bad]), risk


@dataclass(frozen=True, kw_only=True)
class _Line:
    """Recalibration of the chances told; `error` is the standard error of the slope."""

    slope: float | None
    intercept: float | None
    expected: float
    error: float = 0.0


def _calibrated(one: MonthTally) -> _Line | None:
    """Return how right the chances of the known cases were, or None for too few."""
    told = [line for line in one.scores if line.chance_ppm >= 0]
    good, bad = (sum(getattr(line, name) for line in told) for name in ("good", "bad"))
    if min(good, bad) < LEAST_OF_EACH:
        return None
    chance = np.array([line.chance_ppm / 1_000_000 for line in told], np.float64)
    counts = [np.array([getattr(line, name) for line in told]) for name in ("good", "bad")]
    expanded = np.concatenate([np.repeat(chance, count) for count in counts])
    if len(np.unique(expanded)) < 2:
        return _Line(slope=None, intercept=None, expected=float(expanded.mean()))
    line = calibration(np.repeat([0.0, 1.0], [good, bad]), expanded)
    return _Line(
        slope=line.slope,
        intercept=line.intercept,
        expected=float(expanded.mean()),
        error=_slope_error(expanded, line.intercept, line.slope),
    )


def _slope_error(chance: Numbers, intercept: float, slope: float) -> float:
    """Return the standard error of a recalibration's slope, from its Fisher information."""
    kept = np.clip(chance, 1e-9, 1 - 1e-9)
    logit = np.log(kept / (1 - kept))
    fitted = sigmoid(intercept + slope * logit)
    weight = fitted * (1 - fitted)
    middle = float(np.sum(weight * logit) / max(np.sum(weight), 1e-12))
    return 1 / sqrt(max(float(np.sum(weight * (logit - middle) ** 2)), 1e-12))


def _observed(one: MonthTally) -> float | None:
    good, bad = (sum(getattr(line, name) for line in one.scores) for name in ("good", "bad"))
    return _over(bad, good + bad)


def _psi(now: MonthTally, before: MonthTally) -> float | None:
    if not now.rows or not before.rows:
        return None
    was, became = _spelt(before), _spelt(now)
    edges = score_bins(was, SCORE_BINS)
    size = len(edges) + 1
    return psi(
        shares(np.searchsorted(edges, was, side="left"), size),
        shares(np.searchsorted(edges, became, side="left"), size),
    )


def _spelt(one: MonthTally) -> Numbers:
    score = np.array([line.score for line in one.scores], np.float64)
    return np.repeat(score, [line.rows for line in one.scores])


def _psi_learnt(now: MonthTally, learnt: Learnt) -> float | None:
    if not now.rows or not learnt.shares_ppm:
        return None
    places = np.searchsorted(np.array(learnt.edges, np.float64), _spelt(now), side="left")
    expected = np.array(learnt.shares_ppm, np.float64) / PPM
    return psi(expected, shares(places, len(expected)))


def _csi(now: _Columns, before: _Columns) -> dict[str, float]:
    found = {}
    for column in sorted(set(before) & set(now)):
        texts = sorted({*before[column], *now[column]})
        pair = [
            np.array([one[column].get(text, 0) for text in texts], np.float64)
            for one in (before, now)
        ]
        if all(one.sum() > 0 for one in pair):
            found[column] = psi(pair[0] / pair[0].sum(), pair[1] / pair[1].sum())
    return found


def _missing(one: MonthTally) -> dict[str, float]:
    return {
        column: texts.get(MISSING, 0) / sum(texts.values())
        for column, texts in sorted(by_column(one.bins).items())
    }


def _alarms(
    found: MonthFigures, now: MonthTally, before: MonthTally | None, learnt: Learnt
) -> Iterable[Alarm]:
    if found.rows < LEAST_ROWS:
        return
    if before is not None and before.rows >= LEAST_ROWS:
        yield from _drifted(found, now, before)
        yield from _worsened(now, before)
    yield from _strange(found, now, learnt)
    for code, rate in (
        ("override-up", found.override_up_rate),
        ("override-down", found.override_down_rate),
    ):
        if rate is not None and now.by_person >= LEAST_BY_HAND:
            yield from _beyond(code, "", rate)
    line = _calibrated(now)
    if line is not None and line.slope is not None and abs(line.slope - 1) > SURE * line.error:
        yield from _beyond("slope", "", line.slope)


def _drifted(found: MonthFigures, now: MonthTally, before: MonthTally) -> Iterable[Alarm]:
    chance = by_chance(SCORE_BINS, now.rows, before.rows)
    if found.psi is not None and found.psi > chance:
        yield from _beyond("psi", "", found.psi)
    columns = by_column(before.bins)
    for column, index in found.csi.items():
        if index > by_chance(max(len(columns[column]), 2), now.rows, before.rows):
            yield from _beyond("csi", column, index)
    usual = _missing(before)
    for column, share in found.missing.items():
        was = usual.get(column, 0.0)
        spread = sqrt((share * (1 - share)) / now.rows + (was * (1 - was)) / before.rows)
        if share - was > SURE * spread:
            yield from _beyond("missing", column, share - was)


def _worsened(now: MonthTally, before: MonthTally) -> Iterable[Alarm]:
    known, known_before = _known(now), _known(before)
    if known is not None and known_before is not None:
        fall = ks(*known_before) - ks(*known)
        if fall > SURE * _ks_spread(known[0]):
            yield from _beyond("ks", "", fall)


def _strange(found: MonthFigures, now: MonthTally, learnt: Learnt) -> Iterable[Alarm]:
    """Yield what is unlike the population learnt from; too few rows on a side judge nothing."""
    if found.psi_learnt is not None and learnt.score_rows >= LEAST_ROWS:
        chance = by_chance(len(learnt.shares_ppm), now.rows, learnt.score_rows)
        if found.psi_learnt > chance:
            yield from _beyond("psi-learnt", "", found.psi_learnt)
    was, became = by_column(learnt.bins), by_column(now.places)
    for column, index in found.csi_learnt.items():
        rows, taught = (sum(one[column].values()) for one in (became, was))
        held = sum(count > 0 for count in was[column].values())
        if min(rows, taught) >= LEAST_ROWS and index > by_chance(max(held, 2), rows, taught):
            yield from _beyond("csi-learnt", column, index)


def _ks_spread(bad: Numbers) -> float:
    """Return the most a KS varies by chance: it is a difference of two shares, each within 1/4n."""
    count = float(bad.sum())
    return sqrt(0.25 / count + 0.25 / (len(bad) - count))


def _beyond(code: str, column: str, value: float) -> Iterable[Alarm]:
    if level := bound_of(code).level(value):
        yield Alarm(code=code, column=column, value=value, level=level)


def _over(part: int, whole: int) -> float | None:
    return part / whole if whole else None
