"""Turn a column into few bins, each with its weight of evidence (WOE): above 0 is safer.

Quantile pre-bins, an isotonic merge where a direction is given, a chi-square merge otherwise;
rare words are pooled, words never seen fall into that pool, and missing has a bin of its own.
Source of WOE and information value: Siddiqi, Intelligent Credit Scoring (2017), chapter 10.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, repeat
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.shaping.merging import (
    add_up,
    chi_square_starts,
    isotonic_starts,
    tree_starts,
    turned_starts,
)
from rongqiao.risk.scorecards.table import Numbers, Rows, Values, is_words, missing

# How the chance of the event goes with the value; "auto" looks for the better fitting one.
Direction = Literal["rising", "falling", "free", "auto"]
Shape = Literal["rising", "falling", "free"]
Bins = npt.NDArray[np.uint16]
# Up to so many edges one comparison each beats a search in a sorted list.
COMPARED_EDGES_MOST = 24
# A free shape must hold so many times the information of the better monotone one.
FREE_WORTH = 1.5
# A shape with one turn must hold so many times the information of the better monotone one.
TURN_WORTH = 1.1


@dataclass(frozen=True, kw_only=True)
class BinSettings:
    """How finely a column is cut. One set of defaults for every data set.

    `smoothing` is how many rows of average risk each bin is mixed with; `chi_square` is the least
    difference (one degree of freedom) that keeps neighbours apart. Evidence is found in leaves of
    a tree: at most `leaves_most`, none with less than `leaf_share` of the rows.
    A card of up to `few_rows` rows starts from `pre_bins_few` cells a column.
    """

    pre_bins: int = 32
    bins_most: int = 10
    share_least: float = 0.02
    rows_least: int = 15
    chi_square: float = 1.0
    smoothing: float = 20.0
    word_rows_least: int = 15
    pre_bins_few: int = 256
    few_rows: int = 5_000
    leaves_most: int = 20
    leaf_share: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Binning:
    """Ordered bins of one column; the last is for missing values.

    Numbers: bin i holds edges[i-1] < value <= edges[i]. Words: bin i holds groups[i], and the bin
    before the last holds rare and unseen words. `woe` = ln(good share / bad share), smoothed.
    """

    kind: Literal["numbers", "words"]
    direction: Shape
    edges: tuple[float, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    counts: tuple[int, ...]
    bads: tuple[int, ...]
    woe: tuple[float, ...]
    iv: float

    @property
    def size(self) -> int:
        """Return how many bins there are, that of missing values included."""
        return len(self.counts)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Return each bin in words and signs that need no translation; missing is `∅`, rest `…`."""
        if self.kind == "words":
            return (*(" / ".join(group) for group in self.groups), "…", "∅")
        shown = [f"{edge:.6g}" for edge in self.edges]
        if not shown:
            return ("*", "∅")
        middle = (f"{low} < x ≤ {high}" for low, high in pairwise(shown))
        return (f"x ≤ {shown[0]}", *middle, f"x > {shown[-1]}", "∅")

    @cached_property
    def place(self) -> dict[str | None, int]:
        """Return each known word's bin."""
        known: dict[str | None, int] = {None: self.size - 1, "": self.size - 1}
        known.update((word, at) for at, group in enumerate(self.groups) for word in group)
        return known

    def bins_of(self, values: Values) -> Bins:
        """Return each value's bin; a value of the other kind counts as missing."""
        last = self.size - 1
        if self.kind == "words":
            if not is_words(values):
                return np.full(len(values), last, np.uint16)
            found = map(self.place.get, values.tolist(), repeat(last - 1))
            return np.fromiter(found, np.uint16, len(values))
        if is_words(values):
            return np.full(len(values), last, np.uint16)
        return _cut(values, self.edges, last)

    def finder(self) -> Callable[[Any], int]:
        """Return a function from one value (number, word or None) to its bin, built for speed."""
        last, edges = self.size - 1, self.edges
        if self.kind == "words":
            place, other = self.place, last - 1

            def find_word(value: Any) -> int:
                if value is None or value.__class__ is str:
                    return place.get(value, other)
                return last

            return find_word

        def find_number(value: Any) -> int:
            # Not equal to itself: NaN, which is missing.
            if value.__class__ is float or value.__class__ is int:
                return bisect_left(edges, value) if value == value else last  # noqa: PLR0124
            return _slow_number(value, edges, last)

        return find_number


@dataclass(frozen=True)
class Tally:
    """Rows and bads of ordered bins; `total` and `bad` are of the whole column."""

    counts: Numbers
    bads: Numbers
    total: float
    bad: float
    settings: BinSettings = field(default_factory=BinSettings)

    @property
    def rate(self) -> float:
        """Return the share of bads."""
        return self.bad / self.total

    @property
    def least(self) -> float:
        """Return the fewest rows a bin may hold."""
        return max(self.settings.rows_least, self.settings.share_least * self.total)


def bin_column(
    values: Values,
    target: Numbers,
    *,
    direction: Direction = "auto",
    settings: BinSettings | None = None,
) -> Binning:
    """Return the bins of a column, `target` being 1 where the event happened.

    `direction`: "rising" makes the chance of the event never fall from bin to bin. Words have no
    order, so that a direction does not touch them.
    """
    chosen = settings or BinSettings()
    cells = fine_cells(values, target, settings=chosen)
    bins = cells.bins_of(values)
    shape, place = merge_cells(cells, tally(bins, target, cells.size), direction, chosen)
    return coarser(cells, place, tally(bins, target, cells.size), settings=chosen, direction=shape)


def fine_cells(values: Values, target: Numbers, *, settings: BinSettings | None = None) -> Binning:
    """Return the pre-bins of a column, unmerged: like quantiles, or one word each."""
    chosen = settings or BinSettings()
    if is_words(values):
        known, count = np.unique(values[~missing(values)].astype(str), return_counts=True)
        often = known[count >= chosen.word_rows_least]
        groups = tuple((str(one),) for one in often)
        empty = _empty("words", len(groups) + 2, groups=groups)
    else:
        edges = tuple(pre_edges(values, chosen.pre_bins).tolist())
        empty = _empty("numbers", len(edges) + 2, edges=edges)
    return _counted(empty, tally(empty.bins_of(values), target, empty.size), chosen)


def merge_cells(
    cells: Binning, sums: tuple[Numbers, Numbers], direction: Direction, settings: BinSettings
) -> tuple[Shape, Rows]:
    """Return the shape found and each cell's bin, given the rows and bads of each cell."""
    counts, bads = sums
    fixed = 1 if cells.kind == "numbers" else 2
    order = np.arange(cells.size - fixed)
    if cells.kind == "words":
        woe = smoothed_woe(counts, bads, settings.smoothing)[:-2]
        order = np.argsort(-woe, kind="stable")
    whole = Tally(counts[order], bads[order], float(counts.sum()), float(bads.sum()), settings)
    way = direction if cells.kind == "numbers" else "free"
    shape, starts = _best_merge(whole, way) if len(order) else ("free", np.zeros(0, np.int64))
    place = np.empty(cells.size, np.int64)
    place[order] = np.searchsorted(starts, np.arange(len(order)), side="right") - 1
    place[len(order) :] = len(starts) + np.arange(fixed)
    return shape, place


def evidence_cells(
    cells: Binning, sums: tuple[Numbers, Numbers], direction: Direction, settings: BinSettings
) -> Rows:
    """Return each cell's bin for evidence: leaves of a tree in one direction or with one turn.

    Words have no order to turn in: they are merged as merge_cells does. A direction is kept.
    """
    if cells.kind == "words" or cells.size < 2 or direction == "free":
        return merge_cells(cells, sums, direction, settings)[1]
    counts, bads = sums[0][:-1], sums[1][:-1]
    total = float(sums[0].sum())
    least = max(settings.rows_least, settings.leaf_share * total)
    starts = tree_starts(counts, bads, least=least, most=settings.leaves_most)
    leaves = Tally(
        add_up(counts, starts), add_up(bads, starts), total, float(sums[1].sum()), settings
    )
    starts = starts[_one_way_or_turned(leaves, direction)]
    place = np.searchsorted(starts, np.arange(cells.size), side="right") - 1
    place[-1] = len(starts)
    return place


def coarser(
    cells: Binning,
    place: Rows,
    sums: tuple[Numbers, Numbers],
    *,
    direction: Shape = "free",
    settings: BinSettings | None = None,
) -> Binning:
    """Return the binning whose bins are the cells put together as `place` says."""
    size = int(place[-1]) + 1
    if cells.kind == "numbers":
        last = np.flatnonzero(np.diff(place[:-1]))
        merged = _empty("numbers", size, edges=tuple(cells.edges[at] for at in last))
    else:
        words: list[list[str]] = [[] for _ in range(size - 2)]
        for at, group in enumerate(cells.groups):
            words[place[at]].extend(group)
        merged = _empty("words", size, groups=tuple(tuple(sorted(one)) for one in words))
    added = tuple(np.bincount(place, one, size).astype(np.float64) for one in sums)
    counted = _counted(merged, (added[0], added[1]), settings or BinSettings())
    return replace(counted, direction=direction)


def pre_edges(values: Numbers, most: int) -> Numbers:
    """Return rising cut points (value <= edge goes left) for at most `most` bins of like size."""
    known = np.sort(values[np.isfinite(values)])
    if not len(known):
        return known
    distinct = np.unique(known)
    if len(distinct) <= most:
        return np.asarray(distinct[:-1])
    at = np.arange(1, most) * len(known) // most
    edges = np.unique(known[at - 1])
    return np.asarray(edges[edges < known[-1]])


def smoothed_woe(counts: Numbers, bads: Numbers, rows: float) -> Numbers:
    """Return ln(good odds of a bin / good odds of all) with `rows` average rows added to it."""
    rate = float(bads.sum() / counts.sum())
    worse = bads + rows * rate
    better = counts - bads + rows * (1 - rate)
    return np.asarray(np.log(better / worse) - np.log((1 - rate) / rate))


def tally(bins: npt.NDArray[Any], target: Numbers, size: int) -> tuple[Numbers, Numbers]:
    """Return the rows, and the events, in each of `size` bins."""
    counts = np.bincount(bins, minlength=size).astype(np.float64)
    return counts, np.bincount(bins, target, minlength=size).astype(np.float64)


def _best_merge(whole: Tally, direction: Direction) -> tuple[Shape, Rows]:
    if direction == "free":
        return "free", _merge(whole, np.arange(len(whole.counts)))
    if direction != "auto":
        return direction, _monotone(whole, rising=direction == "rising")
    rising, falling = _monotone(whole, rising=True), _monotone(whole, rising=False)
    free = _merge(whole, np.arange(len(whole.counts)))
    most = max(_information(whole, rising), _information(whole, falling))
    if _information(whole, free) > FREE_WORTH * most:
        return "free", free
    is_rising = _information(whole, rising) >= _information(whole, falling)
    return ("rising", rising) if is_rising else ("falling", falling)


def _one_way_or_turned(leaves: Tally, direction: Direction) -> Rows:
    """Return where leaves join to go one way, or to turn once where that tells clearly more."""
    if direction in ("rising", "falling"):
        return _isotonic(leaves, rising=direction == "rising")
    both = [_isotonic(leaves, rising=rising) for rising in (True, False)]
    best = max(both, key=lambda starts: _information(leaves, starts))
    turned = [
        turned_starts(leaves.counts, leaves.bads, turn, rising=rising)
        for rising in (True, False)
        for turn in range(1, len(leaves.counts))
    ]
    if not turned:
        return best
    other = max(turned, key=lambda starts: _information(leaves, starts))
    enough = TURN_WORTH * _information(leaves, best)
    return other if _information(leaves, other) > enough else best


def _isotonic(leaves: Tally, *, rising: bool) -> Rows:
    """Return isotonic blocks that are isotonic still when smoothed."""
    starts = isotonic_starts(leaves.counts, leaves.bads, rising=rising)
    return _smoothed_one_way(leaves, starts, rising=rising)


def _smoothed_one_way(whole: Tally, starts: Rows, *, rising: bool) -> Rows:
    """Join blocks until they go one way with `smoothing` rows of average risk in each.

    Once is not enough: blocks that join are mixed with those rows once and no longer each, so
    that the joined block can lie beyond its neighbour again.
    """
    mixed = whole.settings.smoothing
    while True:
        counts, bads = add_up(whole.counts, starts), add_up(whole.bads, starts)
        kept = isotonic_starts(counts + mixed, bads + mixed * whole.rate, rising=rising)
        if len(kept) == len(starts):
            return starts
        starts = starts[kept]


def _monotone(whole: Tally, *, rising: bool) -> Rows:
    """Isotonic blocks, merged until each is large and distinct, isotonic still when smoothed."""
    starts = _merge(whole, isotonic_starts(whole.counts, whole.bads, rising=rising))
    return _smoothed_one_way(whole, starts, rising=rising)


def _merge(whole: Tally, starts: Rows) -> Rows:
    """Merge the blocks at `starts` until each is large and distinct."""
    kept = chi_square_starts(
        add_up(whole.counts, starts),
        add_up(whole.bads, starts),
        least=whole.least,
        most=whole.settings.bins_most,
        threshold=whole.settings.chi_square,
    )
    return np.asarray(starts[kept])


def _information(whole: Tally, starts: Rows) -> float:
    counts, bads = add_up(whole.counts, starts), add_up(whole.bads, starts)
    return _iv(counts, bads, smoothed_woe(counts, bads, whole.settings.smoothing))


def _empty(
    kind: Literal["numbers", "words"],
    size: int,
    *,
    edges: tuple[float, ...] = (),
    groups: tuple[tuple[str, ...], ...] = (),
) -> Binning:
    none = (0,) * size
    return Binning(
        kind=kind,
        direction="free",
        edges=edges,
        groups=groups,
        counts=none,
        bads=none,
        woe=(0.0,) * size,
        iv=0.0,
    )


def _counted(empty: Binning, sums: tuple[Numbers, Numbers], settings: BinSettings) -> Binning:
    woe = smoothed_woe(*sums, settings.smoothing)
    return replace(
        empty,
        counts=tuple(sums[0].astype(np.int64).tolist()),
        bads=tuple(sums[1].astype(np.int64).tolist()),
        woe=tuple(woe.tolist()),
        iv=_iv(*sums, woe),
    )


def _iv(counts: Numbers, bads: Numbers, woe: Numbers) -> float:
    """Return the information value: sum of (good share - bad share) * WOE."""
    goods = counts - bads
    shares = goods / max(goods.sum(), 1.0) - bads / max(bads.sum(), 1.0)
    return float(np.sum(shares * woe))


def _cut(values: Numbers, edges: tuple[float, ...], last: int) -> Bins:
    if len(edges) > COMPARED_EDGES_MOST:
        bins = np.searchsorted(np.array(edges), values, side="left").astype(np.uint16)
    else:
        small = np.zeros(len(values), np.uint8)
        for edge in edges:
            small += values > edge
        bins = small.astype(np.uint16)
    bins[np.isnan(values)] = last
    return bins


def _slow_number(value: Any, edges: tuple[float, ...], last: int) -> int:
    """Find the bin of a number of another type (numpy, Decimal); anything else is missing."""
    try:
        plain = float(value)
    except (TypeError, ValueError):
        return last
    return bisect_left(edges, plain) if plain == plain and not isinstance(value, str) else last  # noqa: PLR0124
