"""Merge neighbouring bins: isotonic where a direction is given, by chi-square otherwise.

All functions take `counts` and `bads` of ordered bins and return `starts`, the positions where
the merged bins begin (the first is 0).
"""

from __future__ import annotations

import numpy as np

from rongqiao.risk.scorecards.table import Numbers, Rows


def isotonic_starts(counts: Numbers, bads: Numbers, *, rising: bool) -> Rows:
    """Return the blocks of pool-adjacent-violators: rates rise (or fall) strictly.

    Source: Barlow, Bartholomew, Bremner, Brunk, Statistical Inference under Order Restrictions
    (1972), chapter 1.
    """
    sign = 1.0 if rising else -1.0
    starts: list[int] = []
    pooled: list[tuple[float, float]] = []
    for position, (count, bad) in enumerate(zip(counts.tolist(), bads.tolist(), strict=True)):
        start, block = position, (count, bad)
        while pooled and sign * pooled[-1][1] * block[0] >= sign * block[1] * pooled[-1][0]:
            before = pooled.pop()
            start = starts.pop()
            block = (before[0] + block[0], before[1] + block[1])
        starts.append(start)
        pooled.append(block)
    return np.array(starts, np.int64)


def chi_square_starts(
    counts: Numbers, bads: Numbers, *, least: float, most: int, threshold: float
) -> Rows:
    """Return bins after merging the most alike neighbours.

    Until no pair's chi-square (one degree of freedom) is below `threshold`, at most `most` bins
    are left, and none holds fewer than `least` rows. Source: Kerber, ChiMerge (AAAI 1992).
    """
    starts = list(range(len(counts)))
    n, b = counts.tolist(), bads.tolist()
    while len(n) > 1:
        small = min(range(len(n)), key=n.__getitem__)
        alike = [_chi_square(n[i], b[i], n[i + 1], b[i + 1]) for i in range(len(n) - 1)]
        if n[small] < least:
            beside = [i for i in (small - 1, small) if 0 <= i < len(alike)]
            at = min(beside, key=alike.__getitem__)
        else:
            at = min(range(len(alike)), key=alike.__getitem__)
            if alike[at] >= threshold and len(n) <= most:
                break
        n[at : at + 2] = [n[at] + n[at + 1]]
        b[at : at + 2] = [b[at] + b[at + 1]]
        del starts[at + 1]
    return np.array(starts, np.int64)


def add_up(values: Numbers, starts: Rows) -> Numbers:
    """Return the sums of `values` over the merged bins."""
    return np.asarray(np.add.reduceat(values, starts)) if len(values) else values


def _chi_square(n1: float, b1: float, n2: float, b2: float) -> float:
    """Return Pearson's chi-square of two bins by bad and good."""
    n, b = n1 + n2, b1 + b2
    between = n1 * n2 * b * (n - b)
    return n * n * (b1 * n2 - b2 * n1) ** 2 / (n * between) if between else 0.0
