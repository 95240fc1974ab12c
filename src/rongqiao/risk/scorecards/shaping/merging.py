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


def tree_starts(counts: Numbers, bads: Numbers, *, least: float, most: int) -> Rows:
    """Return the leaves of a regression tree over ordered cells, the most telling cut first.

    At most `most` leaves, none with fewer than `least` rows; a cut's gain is the fall in squared
    error of the event. Source: Breiman, Friedman, Olshen, Stone, Classification and Regression
    Trees (1984), section 8.4.
    """
    rows = np.concatenate([[0.0], np.cumsum(counts)])
    events = np.concatenate([[0.0], np.cumsum(bads)])
    starts = [0]
    open_parts = [(*_best_cut(rows, events, (0, len(counts)), least), 0, len(counts))]
    while open_parts and len(starts) < most:
        widest = max(range(len(open_parts)), key=lambda part: open_parts[part][0])
        gain, cut, low, high = open_parts.pop(widest)
        if gain <= 0:
            break
        starts.append(cut)
        open_parts += [
            (*_best_cut(rows, events, ends, least), *ends) for ends in ((low, cut), (cut, high))
        ]
    return np.sort(np.array(starts, np.int64))


def turned_starts(counts: Numbers, bads: Numbers, turn: int, *, rising: bool) -> Rows:
    """Return isotonic blocks that rise (or fall) up to cell `turn` and go the other way from it."""
    before = isotonic_starts(counts[:turn], bads[:turn], rising=rising)
    after = isotonic_starts(counts[turn:], bads[turn:], rising=not rising)
    return np.concatenate([before, after + turn])


def alike_cells(worth: Numbers, counts: Numbers, most: int) -> Rows:
    """Return each cell's group after joining the neighbours that are most alike in worth.

    Until `most` groups are left, and as long as it costs nothing; the loss of a joint is the
    weighted squares it adds (Ward, Journal of the American Statistical Association 58, 1963).
    Groups of a rising row of worths rise too.
    """
    value, weight = worth.tolist(), np.maximum(counts, 1e-3).tolist()
    ends = list(range(1, len(value) + 1))
    while len(value) > 1:
        costs = [
            weight[i] * weight[i + 1] / (weight[i] + weight[i + 1]) * (value[i] - value[i + 1]) ** 2
            for i in range(len(value) - 1)
        ]
        at = min(range(len(costs)), key=costs.__getitem__)
        if len(value) <= most and costs[at] > 1e-12:
            break
        both = weight[at] + weight[at + 1]
        value[at : at + 2] = [(value[at] * weight[at] + value[at + 1] * weight[at + 1]) / both]
        weight[at : at + 2] = [both]
        del ends[at]
    return np.searchsorted(np.array(ends), np.arange(len(worth)), side="right")


def add_up(values: Numbers, starts: Rows) -> Numbers:
    """Return the sums of `values` over the merged bins."""
    return np.asarray(np.add.reduceat(values, starts)) if len(values) else values


def _best_cut(
    rows: Numbers, events: Numbers, ends: tuple[int, int], least: float
) -> tuple[float, int]:
    """Return the gain and the place of the best cut between two ends; no gain without a cut."""
    low, high = ends
    left, left_bad = rows[low + 1 : high] - rows[low], events[low + 1 : high] - events[low]
    right, right_bad = rows[high] - rows[low + 1 : high], events[high] - events[low + 1 : high]
    is_wrong = (left < max(least, 1e-9)) | (right < max(least, 1e-9))
    if is_wrong.all():
        return 0.0, low
    left, right = np.where(is_wrong, 1.0, left), np.where(is_wrong, 1.0, right)
    whole = (left_bad + right_bad) ** 2 / (rows[high] - rows[low])
    gain = np.where(is_wrong, 0.0, left_bad**2 / left + right_bad**2 / right - whole)
    at = int(np.argmax(gain))
    return float(gain[at]), low + 1 + at


def _chi_square(n1: float, b1: float, n2: float, b2: float) -> float:
    """Return Pearson's chi-square of two bins by bad and good."""
    n, b = n1 + n2, b1 + b2
    between = n1 * n2 * b * (n - b)
    return n * n * (b1 * n2 - b2 * n1) ** 2 / (n * between) if between else 0.0
