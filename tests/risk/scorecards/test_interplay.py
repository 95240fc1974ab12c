"""Corrections where rows are few: the likeliest ones, of bins alone, never against a direction."""

from itertools import combinations, cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.risk.scorecards.fitting import FitSettings, fit_scorecard
from rongqiao.risk.scorecards.metrics import auc
from rongqiao.risk.scorecards.shaping.crossing import CrossSettings
from rongqiao.risk.scorecards.shaping.interplay import (
    InterplaySettings,
    Part,
    likeness,
    settled,
)
from rongqiao.risk.scorecards.shaping.logistic import Penalty, fit_logistic

seeds = st.integers(0, 10_000)
HOW = InterplaySettings()
NONE = FitSettings(interplay=InterplaySettings(rows_most=0))


def parts(seed, rows=120, free=(True, True, True)):
    random = np.random.RandomState(seed)
    return [
        Part(random.randint(0, 4, rows), random.normal(size=5), ordered=at != 1, free=one)
        for at, one in enumerate(free)
    ]


def events(seed, rows=120):
    event = (np.random.RandomState(seed + 1).uniform(size=rows) < 0.4).astype(float)
    event[:2] = 0, 1
    return event


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_corrections_are_those_of_a_ridge_on_the_kernels_roots(seed):
    made, event = parts(seed), events(seed)
    offset = np.random.RandomState(seed + 2).normal(size=120)
    found = settled(made, offset, event, HOW)
    roots = []
    for one in made:
        values, vectors = np.linalg.eigh(likeness(one, HOW))
        roots.append((vectors * np.sqrt(np.maximum(values, 0)))[one.bins])
    pairs = [(0, 1), (0, 2), (1, 2)]
    columns = [np.sqrt(HOW.shapes / 3) * root for root in roots] + [
        np.sqrt(HOW.pairs / 3) * (roots[a][:, :, None] * roots[b][:, None, :]).reshape(120, -1)
        for a, b in pairs
    ]
    # A ridge of 1 on columns scaled by their prior spread; the offset is a column of its own.
    ours = found.level + sum(more[one.bins] for more, one in zip(found.shapes, made, strict=True))
    ours = ours + sum(table[made[a].bins, made[b].bins] for (a, b), table in found.pairs.items())
    theirs = ridge(np.column_stack([np.full(120, 3.0), *columns]), event, offset)
    assert ours == pytest.approx(theirs, abs=1e-3)


def ridge(matrix, event, offset):
    """Newton on log-loss and half the squared slopes, in plain steps."""
    slopes = np.zeros(matrix.shape[1])
    for _ in range(200):
        chance = 1 / (1 + np.exp(-(offset + matrix @ slopes)))
        pull = matrix.T @ (event - chance) - slopes
        bend = (matrix * (chance * (1 - chance))[:, None]).T @ matrix + np.eye(len(slopes))
        slopes = slopes + np.linalg.solve(bend, pull)
    return matrix @ slopes


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_a_part_that_is_not_free_stays_and_is_in_no_pair(seed):
    found = settled(parts(seed, free=(True, False, True)), np.zeros(120), events(seed), HOW)
    assert not found.shapes[1].any()
    assert set(found.pairs) == {(0, 2)}
    none = settled(parts(seed, free=(False, False, False)), np.zeros(120), events(seed), HOW)
    assert (none.level, none.pairs) == (0.0, {})


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_corrections_are_zero_on_average_and_likeness_is_a_kernel(seed):
    made = parts(seed)
    found = settled(made, np.zeros(120), events(seed), HOW)
    for one, more in zip(made, found.shapes, strict=True):
        alike = likeness(one, HOW)
        assert np.linalg.eigvalsh(alike).min() > -1e-9
        assert more[one.bins].mean() == pytest.approx(0, abs=1e-9)


def test_what_many_pairs_say_a_little_of_is_found_and_kept_to_few_pairs():
    random = np.random.RandomState(5)
    rows, learns = 2_800, 800
    columns = {f"x{at}": np.round(random.uniform(size=rows), 2) for at in range(6)}
    around = [one - 0.5 for one in columns.values()]
    logit = 2 * sum(around) + sum(
        5 * sign * around[a] * around[b]
        for (a, b), sign in zip(combinations(range(6), 2), cycle((1, -1, 1)), strict=False)
    )
    event = (random.uniform(size=rows) < 1 / (1 + np.exp(-logit))).astype(float)
    learnt, tested = (
        {name: one[part] for name, one in columns.items()}
        for part in (slice(learns), slice(learns, None))
    )
    card = fit_scorecard(learnt, event[:learns])
    plain = fit_scorecard(learnt, event[:learns], settings=NONE)
    told, before = (auc(event[learns:], one.probability(tested)) for one in (card, plain))
    assert told > before + 0.01
    crossings = [one for one in card.characteristics if len(one.columns) > 1]
    assert 0 < len(crossings) <= HOW.pairs_most + CrossSettings().pairs_most


def test_the_penalty_of_fit_logistic_is_the_ridge_of_the_test():
    random = np.random.RandomState(3)
    matrix, event = random.normal(size=(200, 3)), events(3, 200)
    start, slopes = fit_logistic(matrix, event, penalty=Penalty(ridge=1.0))
    offset = np.full(200, start)
    assert ridge(matrix, event, offset) == pytest.approx(matrix @ slopes, abs=1e-3)
