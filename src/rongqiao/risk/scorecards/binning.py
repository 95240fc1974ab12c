"""Turn a column into few bins, each with its weight of evidence (WOE): above 0 is safer.

Quantile pre-bins, an isotonic merge where a direction is given, a chi-square merge otherwise;
rare words are pooled, words never seen fall into that pool, and missing has a bin of its own.
Source of WOE and information value: Siddiqi, Intelligent Credit Scoring (2017), chapter 10.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, repeat
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.shaping.merging import (
    add_up,
    chi_square_starts,
    isotonic_starts,
)
from rongqiao.risk.scorecards.table import Numbers, Rows, Values, is_words, missing

# How the chance of the event goes with the value; "auto" looks for the better fitting one.
Direction = Literal["rising", "falling", "free", "auto"]
Bins = npt.NDArray[np.uint16]
# Up to so many edges one comparison each beats a search in a sorted list.
COMPARED_EDGES_MOST = 24


@dataclass(frozen=True, kw_only=True)
class BinSettings:
    """How finely a column is cut. One set of defaults for every data set.

    `smoothing` is how many rows of average risk each bin is mixed with; `chi_square` is the least
    difference (one degree of freedom) that keeps neighbours apart.
    """

    pre_bins: int = 32
    bins_most: int = 10
    share_least: float = 0.02
    rows_least: int = 15
    chi_square: float = 2.0
    smoothing: float = 10.0
    word_rows_least: int = 15


@dataclass(frozen=True, kw_only=True)
class Binning:
    """Ordered bins of one column; the last is for missing values.

    Numbers: bin i holds edges[i-1] < value <= edges[i]. Words: bin i holds groups[i], and the bin
    before the last holds rare and unseen words. `woe` = ln(good share / bad share), smoothed.
    """

    kind: Literal["numbers", "words"]
    direction: Literal["rising", "falling", "free"]
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
        known: dict[str | None, int] = {None: self.size - 1}
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
                    return place.get(value or None, other)
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
    if is_words(values):
        return _bin_words(values, target, chosen)
    return _bin_numbers(values, target, direction, chosen)


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


def smoothed_woe(counts: Numbers, bads: Numbers, total: float, bad: float, rows: float) -> Numbers:
    """Return ln(good odds of a bin / good odds of all) with `rows` average rows added to it."""
    rate = bad / total
    worse = bads + rows * rate
    better = counts - bads + rows * (1 - rate)
    return np.asarray(np.log(better / worse) - np.log((1 - rate) / rate))


def _bin_numbers(
    values: Numbers, target: Numbers, direction: Direction, settings: BinSettings
) -> Binning:
    edges = pre_edges(values, settings.pre_bins)
    size = len(edges) + 1
    bins = _cut(values, tuple(edges.tolist()), size)
    counts = np.bincount(bins, minlength=size + 1).astype(np.float64)
    bads = np.bincount(bins, target, minlength=size + 1).astype(np.float64)
    whole = Tally(counts[:-1], bads[:-1], float(len(values)), float(target.sum()), settings)
    taken, starts = _best_merge(whole, direction)
    return _binning(
        kind="numbers",
        direction=taken,
        edges=tuple(edges[starts[1:] - 1].tolist()),
        counts=np.append(add_up(whole.counts, starts), counts[-1]),
        bads=np.append(add_up(whole.bads, starts), bads[-1]),
        settings=settings,
    )


def _best_merge(
    whole: Tally, direction: Direction
) -> tuple[Literal["rising", "falling", "free"], Rows]:
    if direction == "auto":
        fits = [(_information(whole, one), at, one) for at, one in enumerate(_ways(whole))]
        # A free shape must earn its freedom: half as much again as the better monotone one.
        best = max(fits[:2], key=lambda fit: (fit[0], -fit[1]))
        chosen = fits[2] if fits[2][0] > 1.5 * best[0] else best
        return (("rising", "falling", "free")[chosen[1]], chosen[2])
    if direction == "free":
        return "free", _free(whole)
    return direction, _monotone(whole, rising=direction == "rising")


def _ways(whole: Tally) -> tuple[Rows, Rows, Rows]:
    return _monotone(whole, rising=True), _monotone(whole, rising=False), _free(whole)


def _free(whole: Tally) -> Rows:
    settings = whole.settings
    return chi_square_starts(
        whole.counts,
        whole.bads,
        least=whole.least,
        most=settings.bins_most,
        threshold=settings.chi_square,
    )


def _monotone(whole: Tally, *, rising: bool) -> Rows:
    """Isotonic blocks, merged until each is large and distinct, isotonic still when smoothed."""
    starts = isotonic_starts(whole.counts, whole.bads, rising=rising)
    for _ in range(2):
        counts, bads = add_up(whole.counts, starts), add_up(whole.bads, starts)
        kept = chi_square_starts(
            counts,
            bads,
            least=whole.least,
            most=whole.settings.bins_most,
            threshold=whole.settings.chi_square,
        )
        starts = starts[kept]
        counts, bads = add_up(whole.counts, starts), add_up(whole.bads, starts)
        mixed = whole.settings.smoothing
        rate = whole.bad / whole.total
        starts = starts[isotonic_starts(counts + mixed, bads + mixed * rate, rising=rising)]
    return starts


def _information(whole: Tally, starts: Rows) -> float:
    counts, bads = add_up(whole.counts, starts), add_up(whole.bads, starts)
    woe = smoothed_woe(counts, bads, whole.total, whole.bad, whole.settings.smoothing)
    return _iv(counts, bads, woe)


def _bin_words(values: Values, target: Numbers, settings: BinSettings) -> Binning:
    gone = missing(values)
    known, inverse = np.unique(values[~gone].astype(str), return_inverse=True)
    count = np.bincount(inverse, minlength=len(known)).astype(np.float64)
    bad = np.bincount(inverse, target[~gone], minlength=len(known)).astype(np.float64)
    total, event = float(len(values)), float(target.sum())
    often = np.flatnonzero(count >= settings.word_rows_least)
    woe = smoothed_woe(count[often], bad[often], total, event, settings.smoothing)
    ordered = often[np.argsort(-woe, kind="stable")]
    whole = Tally(count[ordered], bad[ordered], total, event, settings)
    starts = _free(whole) if len(ordered) else np.empty(0, np.int64)
    names = [str(known[one]) for one in ordered]
    ends = [*starts[1:].tolist(), len(names)]
    groups = tuple(
        tuple(sorted(names[low:high])) for low, high in zip(starts.tolist(), ends, strict=True)
    )
    rare = count < settings.word_rows_least
    pools = [[count[rare].sum(), gone.sum()], [bad[rare].sum(), target[gone].sum()]]
    return _binning(
        kind="words",
        direction="free",
        groups=groups,
        counts=np.append(add_up(whole.counts, starts), pools[0]),
        bads=np.append(add_up(whole.bads, starts), pools[1]),
        settings=settings,
    )


def _binning(*, counts: Numbers, bads: Numbers, settings: BinSettings, **shape: Any) -> Binning:
    total, bad = float(counts.sum()), float(bads.sum())
    woe = smoothed_woe(counts, bads, total, bad, settings.smoothing)
    return Binning(
        counts=tuple(int(one) for one in counts),
        bads=tuple(int(one) for one in bads),
        woe=tuple(woe.tolist()),
        iv=_iv(counts, bads, woe),
        **shape,
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
