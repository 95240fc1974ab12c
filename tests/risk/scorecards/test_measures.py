"""Folds, curves and drift equal scikit-learn's and optbinning's; bins obey their laws."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score, roc_curve
from sklearn.model_selection import StratifiedKFold

from rongqiao.risk.scorecards import folds, metrics, table
from rongqiao.risk.scorecards.binning import BinSettings, bin_column
from rongqiao.risk.scorecards.shaping.logistic import Penalty, fit_logistic
from rongqiao.risk.scorecards.shaping.merging import (
    add_up,
    isotonic_starts,
    tree_starts,
    turned_starts,
)
from tests.risk.scorecards.made import cases

seeds = st.integers(0, 10_000)


def scored(seed, rows=300):
    random = np.random.RandomState(seed)
    target = (random.uniform(size=rows) < 0.3).astype(float)
    target[:2] = 0, 1
    # Rounded, so that there are ties.
    return target, np.round(random.normal(size=rows) + target, 1)


@settings(max_examples=30, deadline=None)
@given(seeds, st.integers(2, 10), st.integers(20, 200))
def test_folds_are_those_of_scikit_learn(seed, count, rows):
    target = (np.random.RandomState(seed).uniform(size=rows) < 0.4).astype(float)
    target[:10], target[10:20] = 1, 0
    theirs = StratifiedKFold(count, shuffle=True, random_state=seed).split(target, target)
    for (learnt, tested), (a, b) in zip(folds.split(target, count, seed), theirs, strict=True):
        assert (learnt == a).all()
        assert (tested == b).all()


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_curves_are_those_of_scikit_learn(seed):
    target, risk = scored(seed)
    alarms, hits, _ = roc_curve(target, risk, drop_intermediate=False)
    ours = metrics.roc(target, risk)
    assert ours.false_alarms == pytest.approx(alarms)
    assert ours.hits == pytest.approx(hits)
    assert metrics.auc(target, risk) == pytest.approx(roc_auc_score(target, risk), abs=1e-12)
    assert metrics.gini(target, risk) == pytest.approx(2 * roc_auc_score(target, risk) - 1)
    assert metrics.ks(target, risk) == pytest.approx(np.max(hits - alarms))


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_calibration_and_logistic_fits_are_those_of_scikit_learn(seed):
    target, risk = scored(seed)
    chance = 1 / (1 + np.exp(-risk))
    theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(risk[:, None], target)
    line = metrics.calibration(target, chance)
    assert line.slope == pytest.approx(theirs.coef_[0, 0], rel=1e-3)
    assert line.intercept == pytest.approx(theirs.intercept_[0], rel=1e-3, abs=1e-4)
    assert metrics.brier(target, chance) == pytest.approx(brier_score_loss(target, chance))
    matrix = np.column_stack([risk, np.random.RandomState(seed).normal(size=len(risk))])
    ridge = LogisticRegression(C=1 / 5, tol=1e-10).fit(matrix, target)
    _, slopes = fit_logistic(matrix, target, penalty=Penalty(ridge=5))
    assert slopes == pytest.approx(ridge.coef_[0], rel=1e-3, abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_slopes_held_above_zero_stay_there_and_fit_no_worse_than_none(seed):
    target, risk = scored(seed)
    matrix = np.column_stack([risk, -risk + np.random.RandomState(seed).normal(size=len(risk))])
    _, slopes = fit_logistic(-matrix, target, penalty=Penalty(at_least_zero=True))
    assert (slopes >= 0).all()
    assert slopes[0] == 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), min_size=1, max_size=30),
    st.booleans(),
)
def test_isotonic_blocks_are_those_of_scikit_learn(pairs, rising):
    counts = np.array([float(n) for n, _ in pairs])
    bads = np.array([float(min(n, b)) for n, b in pairs])
    starts = isotonic_starts(counts, bads, rising=rising)
    ours = (add_up(bads, starts) / add_up(counts, starts)).repeat(
        np.diff(np.append(starts, len(counts)))
    )
    fit = IsotonicRegression(increasing=rising)
    theirs = fit.fit_transform(np.arange(len(counts)), bads / counts, sample_weight=counts)
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_drift_is_none_between_like_samples_and_symmetric():
    same, other = np.array([0.2, 0.3, 0.5]), np.array([0.5, 0.3, 0.2])
    assert metrics.psi(same, same) == 0
    assert metrics.psi(same, other) == pytest.approx(metrics.psi(other, same))
    assert metrics.psi(same, other) == pytest.approx(2 * 0.3 * np.log(2.5))
    assert metrics.psi(same, np.array([0.5, 0.5, 0.0])) < np.inf


@settings(max_examples=40, deadline=None)
@example(1895, "falling")
@given(seeds, st.sampled_from(["rising", "falling"]))
def test_a_direction_holds_for_every_bin_s_woe(seed, way):
    columns, target = cases(seed)
    for name in ("income", "age", "noise"):
        found = bin_column(columns[name], target, direction=way)
        steps = np.diff(found.woe[:-1])
        assert (steps <= 1e-12).all() if way == "rising" else (steps >= -1e-12).all()
        assert found.size == len(found.texts) == len(found.edges) + 2
        assert sum(found.counts) == len(target)
        assert sum(found.bads) == target.sum()


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_a_value_falls_into_the_bin_its_edges_say(seed):
    columns, target = cases(seed)
    for values in columns.values():
        found = bin_column(values, target)
        find = found.finder()
        bins = found.bins_of(values)
        assert [find(one) for one in values.tolist()] == bins.tolist()
        assert np.bincount(bins, minlength=found.size).tolist() == list(found.counts)


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_woe_and_information_are_those_of_optbinning():
    optbinning = pytest.importorskip("optbinning")
    columns, target = cases(11, 3000)
    values = columns["income"]
    ours = bin_column(values, target, settings=BinSettings(smoothing=1e-9))
    theirs = optbinning.OptimalBinning(
        user_splits=np.nextafter(ours.edges, np.inf), user_splits_fixed=[True] * len(ours.edges)
    ).fit(values, target.astype(int))
    built = theirs.binning_table.build()
    assert built["WoE"][: len(ours.edges) + 1].astype(float).tolist() == pytest.approx(
        list(ours.woe[:-1])
    )
    assert built.loc["Totals", "IV"] == pytest.approx(ours.iv, rel=1e-6)


def test_rare_and_unseen_words_are_pooled():
    word = table.words(["often"] * 60 + ["also"] * 60 + ["once", "twice"])
    target = np.array([0.0, 1.0] * 61)
    found = bin_column(word, target)
    places = found.bins_of(table.words(["once", "never seen", None]))
    assert places[0] == places[1] == found.size - 2
    assert places[2] == found.size - 1


def test_a_tree_cuts_where_the_rate_jumps_and_keeps_its_leaves_large():
    counts, bads = np.full(10, 10.0), np.array([1.0] * 4 + [8.0] * 6)
    assert tree_starts(counts, bads, least=20, most=2).tolist() == [0, 4]
    assert tree_starts(counts, bads, least=50, most=9).tolist() == [0, 5]
    assert tree_starts(counts, np.full(10, 3.0), least=10, most=1).tolist() == [0]


def test_blocks_turn_where_they_are_told():
    counts, bads = np.full(4, 10.0), np.array([1.0, 5.0, 6.0, 2.0])
    assert turned_starts(counts, bads, 3, rising=True).tolist() == [0, 1, 2, 3]
    assert turned_starts(counts, bads, 3, rising=False).tolist() == [0, 3]
