"""A model month by month: has its population moved, does it still part good from bad, is it right.

PSI and CSI alarm at .10 and .25 (Siddiqi, Intelligent Credit Scoring, 2017, chapter 14), but only
above what chance alone gives: for B bins, n and m rows an unmoved population stays below
chi2(.95, B - 1) * (1/n + 1/m) in nineteen months of twenty (Yurdakul and Naranjo, Statistical
properties of the population stability index, Journal of Risk Model Validation 14(4), 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from rongqiao.risk.scorecards.metrics import auc, calibration, ks, psi, score_bins, shares
from rongqiao.risk.scorecards.shaping.logistic import sigmoid
from rongqiao.risk.scorecards.table import Numbers

WATCH, ACT = 0.1, 0.25
# A fall of the KS, a rise of a share that is missing, a share of overrides: watch and act.
KS_FALLS = (0.05, 0.10)
MISSING_RISES = (0.05, 0.15)
OVERRIDES = (0.10, 0.20)
# Slope of the chances told: outside these it is watched, outside those acted on.
SLOPES = ((0.8, 1.25), (0.6, 1.67))
# Beyond so many standard errors a difference is no chance, nineteen times of twenty.
SURE = 1.96
# Fewer cases than this make no figure worth an alarm; fewer of a class no KS at all.
LEAST_ROWS, LEAST_OF_EACH, LEAST_BY_HAND = 50, 10, 20
SCORE_BINS = 10
MISSING = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One case as it was decided. `bins` gives each characteristic's bin as text, empty: missing.

    `chance` is what the model told, where it tells one. `is_bad` is None while it is not known.
    `outcome`: approved, declined or open. `override`, as the officer recorded it: `up` for
    lending against the system's word, `down` for declining against it, else empty.
    """

    score: int
    bins: Mapping[str, str]
    outcome: str
    by_person: bool = False
    override: str = ""
    chance: float | None = None
    is_bad: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ScoreLine:
    """Cases of one score: all, known good, known bad; `chance_ppm` is the chance told, or -1."""

    score: int
    rows: int
    good: int
    bad: int
    chance_ppm: int


@dataclass(frozen=True, kw_only=True)
class BinLine:
    """Cases of one bin of one characteristic."""

    column: str
    text: str
    rows: int


@dataclass(frozen=True, kw_only=True)
class MonthTally:
    """A month in whole numbers: enough for every figure, and nobody in it can be told."""

    rows: int
    approved: int
    declined: int
    by_person: int
    overrides_up: int
    overrides_down: int
    scores: tuple[ScoreLine, ...]
    bins: tuple[BinLine, ...]


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
    ks: float | None
    auc: float | None
    intercept: float | None
    slope: float | None
    expected: float | None
    observed: float | None
    known: int
    csi: Mapping[str, float] = field(default_factory=dict)
    missing: Mapping[str, float] = field(default_factory=dict)
    alarms: tuple[Alarm, ...] = ()


def tally(cases: Iterable[Seen]) -> MonthTally:
    """Return the counts of a month's cases."""
    rows = approved = declined = by_person = 0
    overrides: Counter[str] = Counter()
    scores: dict[tuple[int, int], list[int]] = {}
    bins: Counter[tuple[str, str]] = Counter()
    for one in cases:
        rows += 1
        approved += one.outcome == "approved"
        declined += one.outcome == "declined"
        by_person += one.by_person
        overrides[one.override] += one.by_person
        ppm = -1 if one.chance is None else round(one.chance * 1_000_000)
        line = scores.setdefault((one.score, ppm), [0, 0, 0])
        line[0] += 1
        line[1] += one.is_bad is False
        line[2] += one.is_bad is True
        bins.update(one.bins.items())
    return MonthTally(
        rows=rows,
        approved=approved,
        declined=declined,
        by_person=by_person,
        overrides_up=overrides["up"],
        overrides_down=overrides["down"],
        scores=tuple(
            ScoreLine(score=score, rows=line[0], good=line[1], bad=line[2], chance_ppm=ppm)
            for (score, ppm), line in sorted(scores.items())
        ),
        bins=tuple(
            BinLine(column=column, text=text, rows=count)
            for (column, text), count in sorted(bins.items())
        ),
    )


def together(tallies: Sequence[MonthTally]) -> MonthTally:
    """Return several months as one: what later months are compared with."""
    scores: dict[tuple[int, int], list[int]] = {}
    bins: Counter[tuple[str, str]] = Counter()
    for one in tallies:
        for line in one.scores:
            held = scores.setdefault((line.score, line.chance_ppm), [0, 0, 0])
            held[0] += line.rows
            held[1] += line.good
            held[2] += line.bad
        for each in one.bins:
            bins[each.column, each.text] += each.rows
    sums = {
        name: sum(getattr(one, name) for one in tallies)
        for name in ("rows", "approved", "declined", "by_person", "overrides_up", "overrides_down")
    }
    return MonthTally(
        **sums,
        scores=tuple(
            ScoreLine(score=score, rows=line[0], good=line[1], bad=line[2], chance_ppm=ppm)
            for (score, ppm), line in sorted(scores.items())
        ),
        bins=tuple(
            BinLine(column=column, text=text, rows=count)
            for (column, text), count in sorted(bins.items())
        ),
    )


def figures(now: MonthTally, before: MonthTally | None) -> MonthFigures:
    """Return a month's figures; `before` is what it is compared with, None for the first months."""
    known = _known(now)
    line = _calibrated(now)
    drift, csi = (None, {}) if before is None else (_psi(now, before), _csi(now, before))
    missing = _missing(now)
    decided = now.approved + now.declined
    found = MonthFigures(
        rows=now.rows,
        approval_rate=_over(now.approved, decided),
        override_up_rate=_over(now.overrides_up, now.by_person),
        override_down_rate=_over(now.overrides_down, now.by_person),
        psi=drift,
        ks=None if known is None else ks(*known),
        auc=None if known is None else auc(*known),
        intercept=line.intercept if line else None,
        slope=line.slope if line else None,
        expected=line.expected if line else None,
        observed=_observed(now),
        known=sum(line.good + line.bad for line in now.scores),
        csi=csi,
        missing=missing,
    )
    return MonthFigures(
        **{name: getattr(found, name) for name in MonthFigures.__dataclass_fields__}
        | {"alarms": tuple(_alarms(found, now, before))}
    )


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


def _csi(now: MonthTally, before: MonthTally) -> dict[str, float]:
    was, became = _by_column(before), _by_column(now)
    found = {}
    for column in sorted(set(was) & set(became)):
        texts = sorted({*was[column], *became[column]})
        pair = [
            np.array([one[column].get(text, 0) for text in texts], np.float64)
            for one in (was, became)
        ]
        found[column] = psi(pair[0] / pair[0].sum(), pair[1] / pair[1].sum())
    return found


def _by_column(one: MonthTally) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for line in one.bins:
        found.setdefault(line.column, {})[line.text] = line.rows
    return found


def _missing(one: MonthTally) -> dict[str, float]:
    return {
        column: texts.get(MISSING, 0) / sum(texts.values())
        for column, texts in sorted(_by_column(one).items())
    }


def _alarms(found: MonthFigures, now: MonthTally, before: MonthTally | None) -> Iterable[Alarm]:
    if found.rows < LEAST_ROWS:
        return
    if before is not None and before.rows >= LEAST_ROWS:
        yield from _drifted(found, now, before)
    for code, rate in (
        ("override-up", found.override_up_rate),
        ("override-down", found.override_down_rate),
    ):
        if rate is not None and now.by_person >= LEAST_BY_HAND:
            yield from _beyond(code, "", rate, OVERRIDES)
    line = _calibrated(now)
    if line is not None and line.slope is not None:
        yield from _off_slope(line.slope, line.error)


def _off_slope(slope: float, error: float) -> Iterable[Alarm]:
    watched, acted = SLOPES
    if watched[0] <= slope <= watched[1] or abs(slope - 1) <= SURE * error:
        return
    level = "amber" if acted[0] <= slope <= acted[1] else "red"
    yield Alarm(code="slope", column="", value=slope, level=level)


def _drifted(found: MonthFigures, now: MonthTally, before: MonthTally) -> Iterable[Alarm]:
    chance = by_chance(SCORE_BINS, now.rows, before.rows)
    if found.psi is not None and found.psi > chance:
        yield from _beyond("psi", "", found.psi, (WATCH, ACT))
    columns = _by_column(before)
    for column, index in found.csi.items():
        if index > by_chance(max(len(columns[column]), 2), now.rows, before.rows):
            yield from _beyond("csi", column, index, (WATCH, ACT))
    usual = _missing(before)
    for column, share in found.missing.items():
        was = usual.get(column, 0.0)
        spread = sqrt((share * (1 - share)) / now.rows + (was * (1 - was)) / before.rows)
        if share - was > SURE * spread:
            yield from _beyond("missing", column, share - was, MISSING_RISES)
    known, known_before = _known(now), _known(before)
    if known is not None and known_before is not None:
        fall = ks(*known_before) - ks(*known)
        if fall > SURE * _ks_spread(known[0]):
            yield from _beyond("ks", "", fall, KS_FALLS)


def _ks_spread(bad: Numbers) -> float:
    """Return the most a KS varies by chance: it is a difference of two shares, each within 1/4n."""
    count = float(bad.sum())
    return sqrt(0.25 / count + 0.25 / (len(bad) - count))


def _beyond(code: str, column: str, value: float, bounds: tuple[float, float]) -> Iterable[Alarm]:
    if value >= bounds[0]:
        level = "red" if value >= bounds[1] else "amber"
        yield Alarm(code=code, column=column, value=value, level=level)


def _over(part: int, whole: int) -> float | None:
    return part / whole if whole else None
