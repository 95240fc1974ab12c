"""Fit a scorecard: evidence of each column, stacked without turning round, in whole points.

Two estimates are made of what each value is worth: weights of evidence in a logistic regression
whose slopes are held above zero, and shapes boosted in small steps. A stack fitted on rows that
neither has learnt from says how much of each to take; few pairs are added where the residuals ask
for them; then cells are merged into bins and written as points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from rongqiao.risk.scorecards.binning import (
    Binning,
    BinSettings,
    Direction,
    Shape,
    bin_column,
    coarser,
    evidence_cells,
    fine_cells,
    smoothed_woe,
    tally,
)
from rongqiao.risk.scorecards.card import Characteristic, Scaling, Scorecard
from rongqiao.risk.scorecards.metrics import auc
from rongqiao.risk.scorecards.modelcard import About
from rongqiao.risk.scorecards.shaping.boosting import (
    BoostSettings,
    Field,
    Line,
    Sample,
    bag_of_rows,
    boost_fields,
    boost_lines,
)
from rongqiao.risk.scorecards.shaping.crossing import CrossSettings, asked_for
from rongqiao.risk.scorecards.shaping.interplay import InterplaySettings, Part, settled
from rongqiao.risk.scorecards.shaping.logistic import Penalty, fit_logistic
from rongqiao.risk.scorecards.shaping.merging import alike_cells
from rongqiao.risk.scorecards.table import (
    Columns,
    Numbers,
    Rows,
    Values,
    checked_target,
    rows_in,
)

SIGNS = {"rising": 1, "falling": -1}


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """How a scorecard is fitted: one set of defaults for every data set.

    `lasting_least`: with a time, a column stays only where what its earlier half of cases taught
    ranks the later half with at least this AUC; pairs are then left out. `penalty` is the ridge
    on slopes of WOE; `bins_most` how many bins a characteristic may have in the end.
    """

    bins: BinSettings = field(default_factory=BinSettings)
    boost: BoostSettings = field(default_factory=BoostSettings)
    cross: CrossSettings = field(default_factory=CrossSettings)
    interplay: InterplaySettings = field(default_factory=InterplaySettings)
    scaling: Scaling = field(default_factory=Scaling)
    lasting_least: float = 0.51
    penalty: float = 5.0
    bins_most: int = 12


@dataclass(frozen=True)
class _Case:
    """What a fit learns from: each column's fine cells, each row's cell, and the event."""

    cells: Mapping[str, Binning]
    places: Mapping[str, Rows]
    event: Numbers
    directions: Mapping[str, Direction]
    settings: FitSettings

    def part(self, rows: Rows) -> _Case:
        """Return the case of some of its rows."""
        places = {name: one[rows] for name, one in self.places.items()}
        return replace(self, places=places, event=self.event[rows])

    def sign(self, name: str) -> int:
        """Return 1 where the chance may not fall with the value, -1 where it may not rise."""
        is_ordered = self.cells[name].kind == "numbers"
        return SIGNS.get(self.directions.get(name, "auto"), 0) if is_ordered else 0

    def added_up(self, tables: Mapping[str, Numbers]) -> Numbers:
        """Return each row's sum of what its cells are worth."""
        total = np.zeros(len(self.event))
        for name, table in tables.items():
            total += table[self.places[name]]
        return total


@dataclass(frozen=True)
class _Shape:
    """A column's bins, each row's bin, and what each bin adds to the log-odds of the event."""

    binning: Binning
    places: Rows
    worth: Numbers
    sign: int


@dataclass(frozen=True)
class _Pair:
    """Two columns and what their crossed bins add."""

    columns: tuple[str, str]
    worth: Numbers


def fit_scorecard(
    columns: Columns,
    target: Values,
    *,
    directions: Mapping[str, Direction] | None = None,
    settings: FitSettings | None = None,
    periods: Numbers | None = None,
) -> Scorecard:
    """Return the scorecard of a table, `target` being 1 where the event (a default) happened.

    `directions` says for a column how the event's chance goes with its value: that is never
    broken; without it "auto". `periods` is each row's time where there is one. Raises WrongTable
    where the columns or the target cannot be read.
    """
    chosen = settings or FitSettings()
    event = checked_target(target, rows_in(columns))
    kept = dict(columns)
    if periods is not None:
        kept = {name: columns[name] for name in lasting_columns(columns, event, periods, chosen)}
    case = _case(kept, event, directions or {}, chosen)
    start, worths = _stacked(case)
    shapes = {name: _merged(case, name, worth) for name, worth in worths.items()}
    # What pairs say passes sooner than what columns say one by one: none are taken where it shows.
    if periods is not None:
        return _in_points(start, shapes, [], chosen.scaling)
    pairs = _pairs(case, start, shapes)
    if len(event) <= chosen.interplay.rows_most:
        start, shapes, pairs = _interplay(case, start, shapes, pairs)
    return _in_points(start, shapes, pairs, chosen.scaling)


def lasting_columns(
    columns: Columns, event: Numbers, periods: Numbers, settings: FitSettings
) -> tuple[str, ...]:
    """Return the columns whose evidence from the earlier half of cases still ranks the later half.

    All of them where a half has one class only, or none would be left.
    """
    middle = float(np.median(periods))
    early = periods <= middle if (periods > middle).any() else periods < middle
    halves = event[early], event[~early]
    if any(not len(half) or half.min() == half.max() for half in halves):
        return tuple(columns)
    kept = []
    for name, values in columns.items():
        binning = bin_column(values[early], halves[0], settings=settings.bins)
        risk = -np.array(binning.woe)[binning.bins_of(values[~early])]
        if auc(halves[1], risk) >= settings.lasting_least:
            kept.append(name)
    return tuple(kept) or tuple(columns)


def _case(
    columns: Columns, event: Numbers, directions: Mapping[str, Direction], settings: FitSettings
) -> _Case:
    bins = settings.bins
    if len(event) <= bins.few_rows:
        # Few rows: where a cut lies tells more than the even size of cells.
        bins = replace(bins, pre_bins=bins.pre_bins_few)
    cells = {name: fine_cells(values, event, settings=bins) for name, values in columns.items()}
    places = {name: one.bins_of(columns[name]).astype(np.int64) for name, one in cells.items()}
    return _Case(cells, places, event, directions, settings)


def _stacked(case: _Case) -> tuple[float, dict[str, Numbers]]:
    """Return the intercept and what each column's cells add, as the stack weighs both estimates."""
    boost = case.settings.boost
    boosted = {name: np.zeros(one.size) for name, one in case.cells.items()}
    matrices, events = [], []
    for bag in range(boost.bags):
        learnt, held = bag_of_rows(len(case.event), bag, boost)
        tables = _boosted(case.part(np.append(learnt, held)), len(learnt), bag)
        woe = _evidence(case.part(learnt))
        for name, table in tables.items():
            boosted[name] += table / boost.bags
        out = case.part(held)
        matrices.append(np.column_stack([out.added_up(woe), out.added_up(tables)]))
        events.append(out.event)
    held_back = Penalty(at_least_zero=True)
    start, share = fit_logistic(np.vstack(matrices), np.concatenate(events), penalty=held_back)
    woe = _evidence(case)
    total = {name: share[0] * woe[name] + share[1] * boosted[name] for name in woe}
    return start, {name: worth for name, worth in total.items() if np.ptp(worth) > 1e-9}


def _boosted(case: _Case, learns: int, seed: int) -> dict[str, Numbers]:
    """Return what a run of small steps adds; the first `learns` rows teach, the rest say when."""
    lines = [
        Line(case.places[name], one.size - 1, case.sign(name), by_risk=one.kind == "words")
        for name, one in case.cells.items()
    ]
    tables = boost_lines(lines, _sample(case.event, learns), case.settings.boost, seed)
    return dict(zip(case.cells, tables, strict=True))


def _sample(event: Numbers, learns: int, start: Numbers | None = None) -> Sample:
    rate = float(event.mean())
    level = np.full(len(event), np.log(rate / (1 - rate)))
    held = np.arange(len(event)) >= learns
    return Sample(event, level if start is None else start, held)


def _evidence(case: _Case) -> dict[str, Numbers]:
    """Return slope times WOE for each column's cells, as log-odds of the event."""
    tables: dict[str, Numbers] = {}
    matrix = np.empty((len(case.event), len(case.cells)))
    mixed = case.settings.bins.smoothing
    for at, (name, one) in enumerate(case.cells.items()):
        sums = tally(case.places[name], case.event, one.size)
        direction = case.directions.get(name, "auto")
        place = evidence_cells(one, sums, direction, case.settings.bins)
        counts, bads = (np.bincount(place, part).astype(np.float64) for part in sums)
        tables[name] = -smoothed_woe(counts, bads, mixed)[place]
        matrix[:, at] = tables[name][case.places[name]]
    held_back = Penalty(ridge=case.settings.penalty, at_least_zero=True)
    _, slopes = fit_logistic(matrix, case.event, penalty=held_back)
    return {name: slope * tables[name] for name, slope in zip(tables, slopes.tolist(), strict=True)}


def _merged(case: _Case, name: str, worth: Numbers) -> _Shape:
    """Merge a column's cells into bins of like worth; cells nobody was in are worth the average."""
    cells = case.cells[name]
    sums = tally(case.places[name], case.event, cells.size)
    fixed = 1 if cells.kind == "numbers" else 2
    order = np.arange(cells.size - fixed)
    if cells.kind == "words":
        order = np.argsort(worth[:-2], kind="stable")
    group = alike_cells(worth[order], sums[0][order], case.settings.bins_most)
    place = np.empty(cells.size, np.int64)
    place[order] = group
    place[len(order) :] = (group[-1] + 1 if len(group) else 0) + np.arange(fixed)
    weight = np.maximum(sums[0], 1e-9)
    merged = np.bincount(place, worth * weight) / np.bincount(place, weight)
    count = np.bincount(place, sums[0])
    merged[count == 0] = float(np.sum(merged * count) / count.sum())
    sign = case.sign(name)
    binning = coarser(
        cells,
        place,
        sums,
        direction=_way(sign, merged[: len(merged) - fixed], cells.kind),
        settings=case.settings.bins,
    )
    return _Shape(binning, place[case.places[name]], merged, sign)


def _way(sign: int, worth: Numbers, kind: str) -> Shape:
    """Return how the bins were found to go."""
    steps = np.diff(worth)
    if kind == "words" or (sign == 0 and (steps > 0).any() and (steps < 0).any()):
        return "free"
    return "rising" if sign > 0 or (sign == 0 and (steps > 0).any()) else "falling"


def _pairs(case: _Case, start: float, shapes: Mapping[str, _Shape]) -> list[_Pair]:
    """Return the pairs of columns that the residuals ask for, learnt by small steps."""
    how, boost = case.settings.cross, case.settings.boost
    spread = {name: float(np.std(one.worth[one.places])) for name, one in shapes.items()}
    names = sorted(shapes, key=lambda name: -spread[name])[: how.columns_most]
    logit = np.full(len(case.event), start)
    for one in shapes.values():
        logit += one.worth[one.places]
    taken = [shapes[name] for name in names]
    wanted = asked_for(
        [one.places for one in taken],
        [one.binning.size for one in taken],
        logit,
        case.event,
        how,
    )
    fields = [_field(taken[first], taken[second]) for first, second in wanted]
    total = [np.zeros(field.sizes) for field in fields]
    for bag in range(boost.bags):
        learnt, held = bag_of_rows(len(case.event), bag, boost)
        rows = np.append(learnt, held)
        part = [replace(one, first=one.first[rows], second=one.second[rows]) for one in fields]
        sample = _sample(case.event[rows], len(learnt), logit[rows])
        tables = boost_fields(part, sample, boost, bag)
        total = [sum_ + table / boost.bags for sum_, table in zip(total, tables, strict=True)]
    return [
        _Pair((names[first], names[second]), table.ravel())
        for (first, second), table in zip(wanted, total, strict=True)
        if np.ptp(table) > 1e-9
    ]


def _interplay(
    case: _Case, start: float, shapes: Mapping[str, _Shape], sure: Sequence[_Pair]
) -> tuple[float, dict[str, _Shape], list[_Pair]]:
    """Return level, shapes and pairs corrected for few rows; a column with a direction stays."""
    names = list(shapes)
    parts = [
        Part(one.places, one.worth, ordered=one.binning.kind == "numbers", free=not one.sign)
        for one in shapes.values()
    ]
    tables = {pair.columns: pair.worth for pair in sure}
    offset = np.full(len(case.event), start)
    for one in shapes.values():
        offset += one.worth[one.places]
    for (first, second), worth in tables.items():
        offset += worth[_crossed(shapes[first], shapes[second])]
    found = settled(parts, offset, case.event, case.settings.interplay)
    corrected = {}
    for (name, one), more in zip(shapes.items(), found.shapes, strict=True):
        worth = one.worth + more
        fixed = 1 if one.binning.kind == "numbers" else 2
        way = _way(one.sign, worth[: len(worth) - fixed], one.binning.kind)
        corrected[name] = replace(one, worth=worth, binning=replace(one.binning, direction=way))
    for (at, to), table in found.pairs.items():
        here, there = (names[at], names[to]), (names[to], names[at])
        if there in tables:
            tables[there] = tables[there] + table.T.ravel()
        else:
            tables[here] = tables.get(here, np.zeros(table.size)) + table.ravel()
    pairs = [_Pair(columns, worth) for columns, worth in tables.items()]
    return start + found.level, corrected, pairs


def _crossed(first: _Shape, second: _Shape) -> Rows:
    return np.asarray(first.places * second.binning.size + second.places)


def _field(first: _Shape, second: _Shape) -> Field:
    sizes = (first.binning.size, second.binning.size)
    return Field(first.places, second.places, sizes, (first.sign, second.sign))


def _in_points(
    start: float, shapes: Mapping[str, _Shape], pairs: Sequence[_Pair], scaling: Scaling
) -> Scorecard:
    """Write log-odds of the event as points: each table around its mean, the rest in the base."""
    level = start
    parts: list[tuple[tuple[str, ...], Numbers, Rows]] = [
        ((name,), one.worth, one.places) for name, one in shapes.items()
    ]
    for pair in pairs:
        first, second = (shapes[name] for name in pair.columns)
        parts.append((pair.columns, pair.worth, _crossed(first, second)))
    characteristics = []
    for columns, worth, places in parts:
        mean = float(worth[places].mean())
        level += mean
        points = np.rint(scaling.factor * (mean - worth)).astype(np.int64)
        if np.ptp(points):
            characteristics.append(Characteristic(columns, tuple(points.tolist())))
    used = {column for one in characteristics for column in one.columns}
    return Scorecard(
        base=round(scaling.offset - scaling.factor * level),
        binnings={name: one.binning for name, one in shapes.items() if name in used},
        characteristics=tuple(characteristics),
        scaling=scaling,
        about=About(),
    )
