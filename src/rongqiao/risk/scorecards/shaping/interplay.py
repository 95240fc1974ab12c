"""Correct a fitted sum of tables where rows are few: shapes a little, and pairs by many small ones.

A Gaussian process over bins (Rasmussen and Williams, Gaussian Processes for Machine Learning,
2006, section 3.4: the mode of a logistic likelihood; Durrande et al., JMLR 2012: sums of products
of centred kernels as analysis of variance). What it finds for two bins is a number, so that all of
it is tables again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.shaping.logistic import log_loss, sigmoid
from rongqiao.risk.scorecards.table import Numbers, Rows

Square = npt.NDArray[np.float64]
STEPS_MOST = 50
TOLERANCE = 1e-7
# A level may move freely: its prior variance in squared log-odds.
LEVEL = 9.0


@dataclass(frozen=True, kw_only=True)
class InterplaySettings:
    """How much is expected before looking: one set of defaults for every data set.

    `shapes` and `pairs` are prior variances, in squared log-odds, of all corrections of single
    columns together and of all pairs together. Bins whose ranks lie `reach` of the rows apart are
    e times less alike; `by_worth` is the part of likeness that goes by what bins are worth.
    Kernels are as large as rows squared, so tables of more than `rows_most` rows go without.
    """

    shapes: float = 0.2
    pairs: float = 0.6
    reach: float = 0.3
    by_worth: float = 0.3
    pairs_most: int = 20
    rows_most: int = 3_000


@dataclass(frozen=True)
class Part:
    """One column: each row's bin, and what each bin adds to the log-odds.

    `ordered`: bins follow their values, missing last. A part that is not `free` stays as it is.
    """

    bins: Rows
    worth: Numbers
    ordered: bool
    free: bool = True


@dataclass(frozen=True)
class Settled:
    """What to add: to the level, to each part's bins, and tables of pairs of parts."""

    level: float
    shapes: list[Numbers]
    pairs: dict[tuple[int, int], Square]


def settled(
    parts: Sequence[Part], offset: Numbers, event: Numbers, how: InterplaySettings
) -> Settled:
    """Return the corrections of each row's log-odds `offset` that the events ask for.

    All pairs are fitted first; those that move rows most are kept and fitted again with the same
    expectation, so that what the others said is not put upon them.
    """
    free = [at for at, one in enumerate(parts) if one.free]
    alike = {at: likeness(parts[at], how) for at in free}
    if not free:
        return Settled(0.0, [np.zeros(len(one.worth)) for one in parts], {})
    every = list(combinations(free, 2))
    each_shape, each_pair = how.shapes / len(free), how.pairs / max(len(every), 1)
    alone, together = _sums(parts, alike)
    weight = _mode(LEVEL + each_shape * alone + each_pair * together, offset, event)

    def table(first: int, second: int) -> Square:
        at = parts[first].bins * len(parts[second].worth) + parts[second].bins
        size = len(parts[first].worth), len(parts[second].worth)
        pull = np.bincount(at, weight, size[0] * size[1]).reshape(size)
        return np.asarray(each_pair * (alike[first] @ pull @ alike[second]))

    moved = {pair: _spread(table(*pair), parts[pair[0]], parts[pair[1]]) for pair in every}
    kept = sorted(every, key=lambda pair: -moved[pair])[: how.pairs_most]
    if len(kept) < len(every):
        crossed = np.zeros_like(alone)
        for first, second in kept:
            crossed += _spread_out(alike[first], parts[first]) * _spread_out(
                alike[second], parts[second]
            )
        weight = _mode(LEVEL + each_shape * alone + each_pair * crossed, offset, event)
    shapes = [
        each_shape * (alike[at] @ np.bincount(one.bins, weight, len(one.worth)))
        if one.free
        else np.zeros(len(one.worth))
        for at, one in enumerate(parts)
    ]
    return Settled(LEVEL * float(weight.sum()), shapes, {pair: table(*pair) for pair in kept})


def likeness(part: Part, how: InterplaySettings) -> Square:
    """Return how alike two bins are expected to be, centred by the rows, of mean 1 over them."""
    share = np.bincount(part.bins, minlength=len(part.worth)) / len(part.bins)
    alike = np.eye(len(share))
    if part.ordered:
        rank = (np.cumsum(share) - share / 2)[:-1]
        alike[:-1, :-1] = np.exp(-np.abs(rank[:, None] - rank) / how.reach)
    worth = part.worth - share @ part.worth
    spread = float(share @ worth**2)
    if spread > 0:
        alike = (1 - how.by_worth) * alike + how.by_worth * np.outer(worth, worth) / spread
    mean = alike @ share
    alike = alike - mean[:, None] - mean + share @ mean
    return np.asarray(alike / max(float(share @ np.diag(alike)), 1e-12))


def _sums(parts: Sequence[Part], alike: dict[int, Square]) -> tuple[Square, Square]:
    """Return the rows' likeness summed over columns, and over all pairs of columns."""
    rows = len(parts[0].bins)
    alone, squares = np.zeros((rows, rows)), np.zeros((rows, rows))
    for at, one in alike.items():
        whole = _spread_out(one, parts[at])
        alone += whole
        squares += whole**2
    return alone, (alone**2 - squares) / 2


def _spread_out(alike: Square, part: Part) -> Square:
    return np.asarray(alike[np.ix_(part.bins, part.bins)])


def _spread(table: Square, first: Part, second: Part) -> float:
    return float(np.std(table[first.bins, second.bins]))


def _mode(kernel: Square, offset: Numbers, event: Numbers) -> Numbers:
    """Return the weights w whose kernel @ w, added to `offset`, is likeliest (Newton, halved)."""
    weight, moved = np.zeros(len(event)), np.zeros(len(event))
    loss = log_loss(offset, event)
    for _ in range(STEPS_MOST):
        chance = sigmoid(offset + moved)
        curve = np.maximum(chance * (1 - chance), 1e-9)
        root = np.sqrt(curve)
        pull = curve * moved + event - chance
        bend = root[:, None] * kernel * root
        bend[np.diag_indices(len(bend))] += 1.0
        wanted = pull - root * np.linalg.solve(bend, root * (kernel @ pull))
        share, before = 1.0, loss
        while share > 1e-6:
            tried = weight + share * (wanted - weight)
            onward = kernel @ tried
            loss = log_loss(offset + onward, event) + 0.5 * float(tried @ onward)
            if loss <= before:
                weight, moved = tried, onward
                break
            share /= 2
        if before - loss <= TOLERANCE * (abs(before) + 1):
            break
    return weight
