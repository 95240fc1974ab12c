"""Find additive shapes by small steps: each step moves one column (or pair) by its best cut.

The result is a sum of tables, one a column or pair, so that it can be written as points. Source:
Lou, Caruana, Gehrke, Intelligible models for classification and regression (KDD 2012); Lou,
Caruana, Gehrke, Hooker, Accurate intelligible models with pairwise interactions (KDD 2013).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rongqiao.risk.scorecards.shaping.logistic import sigmoid
from rongqiao.risk.scorecards.table import Numbers, Rows

Grid = npt.NDArray[np.float64]
CHECK_EVERY = 10
NEVER = -np.inf
# Rows of average risk mixed into each word's when words are put in order.
AVERAGE_ROWS = 20.0


@dataclass(frozen=True, kw_only=True)
class BoostSettings:
    """How the steps go: one set of defaults for every data set.

    Each of `bags` runs learns from a random part of the rows and stops where the rest is
    predicted no better for `patience` steps; the shapes are the runs' mean.
    """

    bags: int = 6
    rate: float = 0.1
    steps_most: int = 2000
    patience: int = 60
    held_out: float = 0.2
    columns_share: float = 0.3
    rows_least: int = 20
    rows_most: int = 50_000
    ridge: float = 5.0
    seed: int = 20_260_101


@dataclass(frozen=True)
class Sample:
    """Event and log-odds to start from, a row each; rows `held` out say when to stop."""

    event: Numbers
    start: Numbers
    held: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Line:
    """One column's cells: `size` ordered ones, the missing cell is number `size`.

    `sign` 1: the chance may not fall from cell to cell; -1: not rise. `by_risk`: the cells have
    no order of their own (words) and are put in the order of their risk.
    """

    cells: Rows
    size: int
    sign: int = 0
    by_risk: bool = False


@dataclass(frozen=True)
class Field:
    """A pair of columns' cells, each ordered; signs as in Line."""

    first: Rows
    second: Rows
    sizes: tuple[int, int]
    signs: tuple[int, int] = (0, 0)


def bag_of_rows(count: int, bag: int, settings: BoostSettings) -> tuple[Rows, Rows]:
    """Return the rows a run learns from and those it holds out, drawn by its number."""
    # Legacy RandomState: its stream never changes (NEP 19).
    random = np.random.RandomState(settings.seed + bag)
    rows = random.permutation(count)[: settings.rows_most]
    held = round(settings.held_out * len(rows))
    return np.sort(rows[held:]), np.sort(rows[:held])


def boost_lines(
    lines: Sequence[Line], sample: Sample, settings: BoostSettings, seed: int
) -> list[Numbers]:
    """Return each column's table: what each cell (missing last) adds to the log-odds."""
    if not lines:
        return []
    width = max(line.size for line in lines) + 1
    orders = [_order(line, sample) for line in lines]
    cells = [
        _rank(order, width)[_padded(line, width)] for line, order in zip(lines, orders, strict=True)
    ]
    signs = np.array([[line.sign] for line in lines], np.float64)
    tables = _steps(_Cuts(cells, (width,), signs), sample, settings, seed)
    return [
        np.append(table[: line.size][_rank(order, line.size)], table[-1])
        for table, line, order in zip(tables, lines, orders, strict=True)
    ]


def boost_fields(
    fields: Sequence[Field], sample: Sample, settings: BoostSettings, seed: int
) -> list[Grid]:
    """Return each pair's table of what its cells add to the log-odds."""
    if not fields:
        return []
    high = max(one.sizes[0] for one in fields)
    wide = max(one.sizes[1] for one in fields)
    cells = [one.first * wide + one.second for one in fields]
    signs = np.array([one.signs for one in fields], np.float64)
    tables = _steps(_Cuts(cells, (high, wide), signs), sample, settings, seed)
    return [
        table.reshape(high, wide)[: one.sizes[0], : one.sizes[1]]
        for table, one in zip(tables, fields, strict=True)
    ]


@dataclass(frozen=True)
class _Cuts:
    """Every table's cells as one index a row; `shape` is that of a table."""

    cells: list[Rows]
    shape: tuple[int, ...]
    signs: Numbers


def _steps(cuts: _Cuts, sample: Sample, settings: BoostSettings, seed: int) -> Grid:
    """Return the tables of one run, as they were where the rows held out fitted best."""
    random = np.random.RandomState(seed)
    learns = ~sample.held
    tables = np.zeros((len(cuts.cells), int(np.prod(cuts.shape))))
    logit = sample.start.copy()
    picked = max(1, round(settings.columns_share * len(cuts.cells)))
    size = tables.shape[1]
    counts = np.array([np.bincount(one, learns, size) for one in cuts.cells])
    bend = np.zeros_like(counts)
    best = (np.inf, 0, tables.copy())
    for step in range(settings.steps_most):
        chance = sigmoid(logit)
        if step % CHECK_EVERY == 0:
            loss = _held_loss(logit, sample)
            if loss < best[0]:
                best = (loss, step, tables.copy())
            elif step - best[1] >= settings.patience:
                break
            curve = learns * chance * (1 - chance)
            bend = np.array([np.bincount(one, curve, size) for one in cuts.cells])
        pull = learns * (sample.event - chance)
        at = random.permutation(len(cuts.cells))[:picked]
        slope = np.array([np.bincount(cuts.cells[one], pull, size) for one in at])
        found = _best(cuts, at, (slope, bend[at], counts[at]), settings)
        if found is not None:
            one, moved = found
            tables[one] += moved
            logit += moved[cuts.cells[one]]
    return best[2]


def _held_loss(logit: Numbers, sample: Sample) -> float:
    out, event = logit[sample.held], sample.event[sample.held]
    return float(np.sum(np.logaddexp(0.0, out) - event * out))


def _best(
    cuts: _Cuts, at: Rows, sums: tuple[Grid, Grid, Grid], settings: BoostSettings
) -> tuple[int, Numbers] | None:
    if len(cuts.shape) == 1:
        return _best_line(at, sums, cuts.signs[at, 0], settings)
    return _best_field(cuts, at, sums, settings)


def _best_line(
    at: Rows, sums: tuple[Grid, Grid, Grid], signs: Numbers, settings: BoostSettings
) -> tuple[int, Numbers] | None:
    """Return the best step of one column: two values either side of a cut, missing on either."""
    ridge, least = settings.ridge, settings.rows_least
    # What is left of each cut without the missing cell, and with it: axis 0.
    left = [np.cumsum(one[:, :-1], axis=1) for one in sums]
    left = [np.stack([one, one + gone[:, -1:]]) for one, gone in zip(left, sums, strict=True)]
    whole = [one.sum(axis=1)[None, :, None] for one in sums]
    right = [all_ - one for all_, one in zip(whole, left, strict=True)]
    low, high = left[0] / (left[1] + ridge), right[0] / (right[1] + ridge)
    gain = low * left[0] + high * right[0]
    is_wrong = (left[2] < least) | (right[2] < least) | ((high - low) * signs[None, :, None] < 0)
    gain[is_wrong] = NEVER
    side, one, cut = np.unravel_index(int(np.argmax(gain)), gain.shape)
    if gain[side, one, cut] == NEVER:
        return None
    moved = np.full(sums[0].shape[1], high[side, one, cut])
    moved[: cut + 1] = low[side, one, cut]
    if side == 1:
        moved[-1] = low[side, one, cut]
    return int(at[one]), settings.rate * moved


def _best_field(
    cuts: _Cuts, at: Rows, sums: tuple[Grid, Grid, Grid], settings: BoostSettings
) -> tuple[int, Numbers] | None:
    """Return the best step of one pair: four values around a cut of each column."""
    high, wide = cuts.shape
    quarters = [_quarters(one.reshape(-1, high, wide)) for one in sums]
    value = quarters[0] / (quarters[1] + settings.ridge)
    gain = (value * quarters[0]).sum(axis=(0, 1))
    is_small = (quarters[2] < settings.rows_least) & (quarters[2] > 0)
    is_wrong = is_small.any(axis=(0, 1))
    first, second = cuts.signs[at, 0][:, None, None], cuts.signs[at, 1][:, None, None]
    is_wrong |= ((value[1] - value[0]) * first < 0).any(axis=0)
    is_wrong |= ((value[:, 1] - value[:, 0]) * second < 0).any(axis=0)
    gain[is_wrong] = NEVER
    one, i, j = np.unravel_index(int(np.argmax(gain)), gain.shape)
    if gain[one, i, j] == NEVER:
        return None
    moved = np.empty((high, wide))
    for down, rows in enumerate((slice(None, i + 1), slice(i + 1, None))):
        for along, columns in enumerate((slice(None, j + 1), slice(j + 1, None))):
            moved[rows, columns] = value[down, along, one, i, j]
    return int(at[one]), settings.rate * moved.ravel()


def _quarters(cells: Grid) -> Grid:
    """Return the sums of the four quarters around each cut, as [below, beside, pair, i, j]."""
    summed = cells.cumsum(axis=1).cumsum(axis=2)
    corner = summed[:, :-1, :-1]
    top = summed[:, :-1, -1:]
    side = summed[:, -1:, :-1]
    whole = summed[:, -1:, -1:]
    upper = np.stack([corner, top - corner])
    lower = np.stack([side - corner, whole - top - side + corner])
    return np.stack([upper, lower])


def _order(line: Line, sample: Sample) -> Rows:
    """Return the ordered cells' order in this run; that of words is learnt from its own rows."""
    if not line.by_risk:
        return np.arange(line.size)
    cells, event = line.cells[~sample.held], sample.event[~sample.held]
    count = np.bincount(cells, minlength=line.size + 1)[: line.size]
    bad = np.bincount(cells, event, minlength=line.size + 1)[: line.size]
    return np.argsort((bad + AVERAGE_ROWS * event.mean()) / (count + AVERAGE_ROWS), kind="stable")


def _rank(order: Rows, width: int) -> Rows:
    """Return each cell's place in the order; the missing cell stays last."""
    place = np.arange(width)
    place[order] = np.arange(len(order))
    return place


def _padded(line: Line, width: int) -> Rows:
    return np.where(line.cells == line.size, width - 1, line.cells)
