"""Which pairs of columns say more together than one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rongqiao.risk.scorecards.shaping.logistic import sigmoid
from rongqiao.risk.scorecards.table import Numbers, Rows


@dataclass(frozen=True, kw_only=True)
class CrossSettings:
    """How many pairs at most, among how many columns, and how sure one must be of each.

    `evidence` is in standard deviations of what chance alone would give; `ridge` holds back
    cells with few rows.
    """

    pairs_most: int = 10
    columns_most: int = 16
    evidence: float = 3.0
    ridge: float = 30.0


def asked_for(
    cells: Sequence[Rows], sizes: Sequence[int], logit: Numbers, event: Numbers, how: CrossSettings
) -> list[tuple[int, int]]:
    """Return the pairs (first, second) whose cells' residuals differ most, the surest first.

    The score statistic of a table of cells: without an effect its summands q = H / (H + ridge)
    have mean q each (Lou et al., KDD 2013, section 4, ranks pairs by residual fit likewise).
    """
    chance = sigmoid(logit)
    rest, curve = event - chance, chance * (1 - chance)
    found = []
    for first, second in combinations(range(len(cells)), 2):
        size = sizes[first] * sizes[second]
        place = cells[first] * sizes[second] + cells[second]
        pull = np.bincount(place, rest, size)
        bend = np.bincount(place, curve, size)
        share = bend / (bend + how.ridge)
        over = float(np.sum(pull**2 / (bend + how.ridge)) - share.sum())
        spread = float(np.sqrt(2 * np.sum(share**2))) or 1.0
        if over / spread >= how.evidence:
            found.append((-over / spread, first, second))
    return [(first, second) for _, first, second in sorted(found)[: how.pairs_most]]
