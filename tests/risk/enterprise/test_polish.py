"""What is shipped as fitted follows from the Polish set, and does out of sample what docs say."""

import json
from importlib.resources import files

import numpy as np

from rongqiao.risk.enterprise.watching.hazard import fit_hazard
from rongqiao.risk.enterprise.watching.warnings import level_of, signals
from tests.risk.enterprise.polish import MEASURES, RULES, failed, fitted, rows, scores, severities


def auc(score, bad):
    order = np.argsort(score, kind="stable")
    ranks = np.empty(len(score))
    ranks[order] = np.arange(1, len(score) + 1)
    for value in np.unique(score):
        same = score == value
        ranks[same] = ranks[same].mean()
    count = bad.sum()
    return (ranks[bad].sum() - count * (count + 1) / 2) / (count * (len(bad) - count))


def test_what_is_shipped_is_what_the_set_gives():
    text = files("rongqiao.risk.enterprise").joinpath("fitted.json").read_text("utf-8")
    assert json.loads(text) == fitted()


def test_the_experts_score_tells_failing_firms_apart_without_having_seen_any():
    assert auc(-scores("industry-medium-2006"), failed()) > 0.77
    assert auc(-scores("state-owned-all"), failed()) > 0.74


def test_the_hazard_ranks_firms_it_was_not_fitted_on():
    bad, chance = failed(), np.zeros(len(failed()))
    folds = np.random.default_rng(20260101).permutation(len(bad)) % 5
    for fold in range(5):
        train = folds != fold
        found = fit_hazard(
            severities()[train], list(bad[train]), RULES, months=12, population="train"
        )
        for place in np.flatnonzero(~train):
            chance[place] = found.within(severities()[place])
    assert auc(chance, bad) > 0.78
    worst = np.argsort(-chance, kind="stable")[: len(bad) // 5]
    assert bad[worst].sum() / bad.sum() > 0.6


def test_a_grave_level_means_that_many_fail_and_is_rare():
    grave = np.array(
        [
            level_of(
                signals({name: row[column] for name, column in MEASURES.items() if row[column]})
            )
            == "grave"
            for row in rows()
        ]
    )
    assert 0.01 < grave.mean() < 0.10
    assert failed()[grave].mean() > 4 * failed().mean()
