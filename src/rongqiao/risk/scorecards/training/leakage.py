"""Columns that know the outcome: found by what they do, never by what they are called.

A column known only afterwards gives itself away: alone it beats all the others together, its
missing values lie in one class, or its figures are round in one class and odd in the other.
Shown on the SBA loans: `Term` is a multiple of 12 in 89 % of the loans paid and 14 % of those
charged off, for it was shortened to the day of the loss (design/risk.md, section 2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rongqiao.risk.scorecards.folds import fold_of_rows
from rongqiao.risk.scorecards.metrics import auc
from rongqiao.risk.scorecards.shaping.logistic import fit_logistic
from rongqiao.risk.scorecards.table import Columns, Numbers, Rows, Values, is_words, missing

FOLDS = 3
# A column is cut into its own values where there are at most so many, else into as many quantiles.
MOST_CELLS = 512
# Rows of average risk that each cell is mixed with.
SMOOTHING = 10.0
NEAR_COPY = 0.97
ALONE_LEAST, ALONE_BY = 0.70, 0.03
# How many columns may leak together and still be told from the others.
MOST_TOGETHER = 10
MISSING_BY, MISSING_AUC = 0.5, 0.75
ROUND_BY, ROUND_ALONE = 0.4, 0.70
MODULI = (12, 10, 30, 50, 100, 365, 500, 1000)
LEAST_DISTINCT, LARGE_SHARE = 20, 0.8
CLOCK_CORRELATION = 0.95


@dataclass(frozen=True, kw_only=True)
class Leak:
    """Why a column is left out: a code whose words the report has, and the figures in them."""

    column: str
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)


def leaks_of(
    columns: Columns,
    bad: Numbers,
    *,
    clock: Numbers | None = None,
    told: Callable[[str], None] = lambda _name: None,
) -> tuple[Leak, ...]:
    """Return the columns that know the outcome, or only the time; each once, gravest reason first.

    `bad` is 1.0 for bad rows; `clock` are the rows' days, where there are any. Dates among the
    columns are days since 1970. `told` is called with each column's name before it is looked at.
    """
    folds = fold_of_rows(bad, FOLDS)
    risks: dict[str, Numbers] = {}
    for name, values in columns.items():
        told(name)
        risks[name] = lone_risk(values, bad, folds)
    alone = {name: auc(bad, risk) for name, risk in risks.items()}
    found: dict[str, Leak] = {}
    for name, values in columns.items():
        leak = (
            _one_sided(name, values, bad)
            or _copy(name, alone[name])
            or _rounded(name, values, bad, alone[name])
            or (None if clock is None else _clock(name, values, clock))
        )
        if leak is not None:
            found[name] = leak
    rest = {name: risk for name, risk in risks.items() if name not in found}
    for leak in _too_good(rest, {name: alone[name] for name in rest}, bad, folds):
        found[leak.column] = leak
    return tuple(found[name] for name in columns if name in found)


def lone_risk(values: Values, bad: Numbers, folds: Rows) -> Numbers:
    """Return each row's chance of being bad as this column alone tells it, learnt on other folds.

    Every value stands for itself up to 512 of them, so that it sees what a deep tree would see.
    """
    cells, size = _cells(values)
    risk = np.empty(len(bad))
    for fold in range(FOLDS):
        here = folds == fold
        rate = float(bad[~here].mean())
        counts = np.bincount(cells[~here], minlength=size)
        bads = np.bincount(cells[~here], bad[~here], minlength=size)
        risk[here] = ((bads + SMOOTHING * rate) / (counts + SMOOTHING))[cells[here]]
    return risk


def joint_auc(risks: Sequence[Numbers], bad: Numbers, folds: Rows) -> float:
    """Return the AUC of all the columns together: a logistic regression on their lone risks."""
    if not risks:
        return 0.5
    clipped = np.clip(np.column_stack(risks), 1e-4, 1 - 1e-4)
    logits = np.log(clipped / (1 - clipped))
    logits -= logits.mean(axis=0)
    score = np.empty(len(bad))
    for fold in range(FOLDS):
        here = folds == fold
        start, weights = fit_logistic(logits[~here], bad[~here], penalty=1.0)
        score[here] = start + logits[here] @ weights
    return auc(bad, score)


def _cells(values: Values) -> tuple[Rows, int]:
    """Return each row's cell, the last one for missing values, and how many there are."""
    gone = missing(values)
    here = values[~gone]
    keys = here.astype(str) if is_words(values) else here
    distinct, inverse = np.unique(keys, return_inverse=True)
    if len(distinct) > MOST_CELLS and not is_words(values):
        edges = np.unique(np.quantile(here, np.linspace(0, 1, MOST_CELLS // 2)))
        inverse = np.searchsorted(edges, here)
        size = len(edges) + 1
    else:
        size = len(distinct)
    cells = np.full(len(values), size, np.int64)
    cells[~gone] = inverse
    return cells, size + 1


def _one_sided(name: str, values: Values, bad: Numbers) -> Leak | None:
    """Find a column that is filled in (or empty) almost only where the outcome was bad."""
    gone = missing(values).astype(np.float64)
    if not 0 < gone.sum() < len(gone):
        return None
    in_bad, in_good = float(gone[bad == 1].mean()), float(gone[bad == 0].mean())
    area = max(auc(bad, gone), auc(bad, -gone))
    if abs(in_bad - in_good) < MISSING_BY or area < MISSING_AUC:
        return None
    return Leak(
        column=name,
        code="missing-in-one-class",
        facts={"bad": _percent(in_bad), "good": _percent(in_good)},
    )


def _copy(name: str, alone: float) -> Leak | None:
    if alone < NEAR_COPY:
        return None
    return Leak(column=name, code="copy-of-target", facts={"auc": f"{alone:.3f}"})


def _rounded(name: str, values: Values, bad: Numbers, alone: float) -> Leak | None:
    """Find whole figures that are round in one class and odd in the other."""
    if is_words(values) or alone < ROUND_ALONE:
        return None
    here = ~np.isnan(values)
    known, outcome = values[here], bad[here]
    if len(np.unique(known)) < LEAST_DISTINCT or np.any(known != np.floor(known)):
        return None
    found = [(0.0, 0, 0.0, 0.0)]
    for modulus in MODULI:
        # What is smaller than the modulus cannot be round, whatever its class.
        large = known >= modulus
        if large.mean() < LARGE_SHARE or not 0 < outcome[large].mean() < 1:
            continue
        even, outcome_there = known[large] % modulus == 0, outcome[large]
        in_bad, in_good = (
            float(even[outcome_there == 1].mean()),
            float(even[outcome_there == 0].mean()),
        )
        found.append((abs(in_bad - in_good), modulus, in_bad, in_good))
    by, modulus, in_bad, in_good = max(found)
    if by < ROUND_BY:
        return None
    facts = {
        "modulus": str(modulus),
        "bad": _percent(in_bad),
        "good": _percent(in_good),
        "auc": f"{alone:.3f}",
    }
    return Leak(column=name, code="round-in-one-class", facts=facts)


def _clock(name: str, values: Values, clock: Numbers) -> Leak | None:
    """Find a column that only tells when a row was made: it would learn the years by heart."""
    if is_words(values):
        return None
    here = ~(np.isnan(values) | np.isnan(clock))
    if here.mean() < 0.9 or len(np.unique(values[here])) < 2 or len(np.unique(clock[here])) < 2:
        return None
    related = float(np.corrcoef(_ranks(values[here]), _ranks(clock[here]))[0, 1])
    if abs(related) < CLOCK_CORRELATION:
        return None
    return Leak(column=name, code="tells-the-time", facts={"correlation": f"{related:.3f}"})


def _too_good(
    risks: Mapping[str, Numbers], alone: Mapping[str, float], bad: Numbers, folds: Rows
) -> list[Leak]:
    """Find the columns each of which beats by itself all that are weaker than they, together."""
    ranked = sorted(alone, key=lambda name: -alone[name])
    for count in range(min(MOST_TOGETHER, len(ranked) - 3), 0, -1):
        weakest = alone[ranked[count - 1]]
        if weakest < ALONE_LEAST:
            continue
        others = joint_auc([risks[name] for name in ranked[count:]], bad, folds)
        if weakest > others + ALONE_BY:
            return [
                Leak(
                    column=name,
                    code="too-good-alone",
                    facts={"auc": f"{alone[name]:.3f}", "others": f"{others:.3f}"},
                )
                for name in ranked[:count]
            ]
    return []


def _ranks(values: Numbers) -> Numbers:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts - 1) / 2)[inverse])


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
