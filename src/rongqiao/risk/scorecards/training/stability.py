"""Whether scores and columns stayed as they were: learnt against tried, by PSI and CSI."""

from __future__ import annotations

from typing import Any

import numpy as np

from rongqiao.risk.scorecards.card import Scorecard, bins_of_card
from rongqiao.risk.scorecards.metrics import psi, score_bins, shares
from rongqiao.risk.scorecards.table import Numbers, Rows, take
from rongqiao.risk.scorecards.training.preparing import Prepared

# Siddiqi, Intelligent Credit Scoring (2017), chapter 14: watch from .1, act from .25.
WATCH, ACT = 0.1, 0.25


def alarm_of(index: float) -> str:
    """Return green, amber or red for a stability index."""
    return "red" if index >= ACT else "amber" if index >= WATCH else "green"


def drift_of(card: Scorecard, prepared: Prepared) -> dict[str, Any]:
    """Return how far the rows tried have moved from those learnt from.

    In folds there is no later sample: the first fold against the others shows what chance does.
    """
    tests = prepared.split.tests
    tried = tests[0]
    learn = np.setdiff1d(np.arange(len(prepared.target.bad)), tried)
    was, now = take(prepared.columns, learn), take(prepared.columns, tried)
    before, after = card.points(was).astype(np.float64), card.points(now).astype(np.float64)
    edges = score_bins(before)
    expected = shares(np.searchsorted(edges, before, side="left"), len(edges) + 1)
    actual = shares(np.searchsorted(edges, after, side="left"), len(edges) + 1)
    index = psi(expected, actual)
    bins_was, bins_now = bins_of_card(card, was), bins_of_card(card, now)
    columns = [
        _column(name, bins_was[name], bins_now[name], card.binnings[name].size) for name in bins_was
    ]
    return {
        "psi": round(index, 6),
        "alarm": alarm_of(index),
        "edges": edges.tolist(),
        "expected": _rounded(expected),
        "actual": _rounded(actual),
        "columns": sorted(columns, key=lambda one: -one["csi"]),
    }


def _column(name: str, was: Rows, now: Rows, size: int) -> dict[str, Any]:
    index = psi(shares(was, size), shares(now, size))
    return {"column": name, "csi": round(index, 6), "alarm": alarm_of(index)}


def _rounded(values: Numbers) -> list[float]:
    return [round(one, 6) for one in values.tolist()]
