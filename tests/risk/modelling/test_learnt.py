"""Months against the population a model was taught by: as its file tells it, never made up."""

import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.risk.queries.modelling import firms
from rongqiao.risk.queries.modelling.scorers import CardScorer, plain_value
from rongqiao.risk.queries.modelling.training import Question, learn
from rongqiao.risk.scorecards.metrics import psi
from rongqiao.risk.scorecards.monitoring.bounds import bound_of, bounds
from rongqiao.risk.scorecards.monitoring.figures import figures
from rongqiao.risk.scorecards.monitoring.learnt import (
    NO_MODEL,
    SCORES_NOT_KEPT,
    TREES,
    Learnt,
    learnt_of,
    placer_of,
)
from rongqiao.risk.scorecards.monitoring.tallies import BinLine, Seen, tally
from rongqiao.risk.scorecards.training import stability
from rongqiao.risk.scorecards.training.opening import open_model
from tests.risk.training import made


@pytest.fixture(scope="module")
def trained():
    """A scorecard as `train` writes it, of 600 made rows."""
    question = Question(name="made", target="是否逾期", on="2026-01-02")
    file = io.BytesIO(made.chinese(rows=600, seed=7))
    return open_model(learn(file, question, lambda *_: None, with_challenger=False).model)


def drawn(model, rows, seed=1, **fixed):
    """Return the columns of rows that are like those the model was taught by, or `fixed`."""
    random = np.random.default_rng(seed)
    columns = {
        "月收入": np.round(random.lognormal(8.8, 0.5, rows), 2),
        "负债率": np.clip(random.normal(0.4, 0.15, rows), 0.01, 1.2),
        "工作年限": random.integers(0, 20, rows).astype(float),
        "城市": np.array(made.PLACES, object)[random.integers(0, 4, rows)],
    }
    columns["工作年限"][::50] = np.nan
    columns |= {name: np.full(rows, value) for name, value in fixed.items()}
    return {name: values for name, values in columns.items() if name in model.card.binnings}


def seen(model, columns):
    place = placer_of(model.card)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    points = model.card.points(columns).tolist()
    return [
        Seen(score=score, bins={}, outcome="approved", places=place(row))
        for score, row in zip(points, rows, strict=True)
    ]


def test_a_trained_card_tells_shares_of_its_score_and_rows_of_every_bin(trained):
    found = learnt_of(trained)
    assert found.absent == ""
    assert len(found.shares_ppm) == len(found.edges) + 1
    assert sum(found.shares_ppm) == pytest.approx(1_000_000, abs=len(found.shares_ppm))
    assert found.edges == tuple(int(one) for one in trained.evidence["score_edges"])
    assert found.rows == 600
    assert found.trained_on == "2026-01-02"
    for name, binning in trained.card.binnings.items():
        counts = {int(one.text): one.rows for one in found.bins if one.column == name}
        assert [counts[at] for at in range(binning.size)] == list(binning.counts)


def test_trees_tell_no_population_and_a_bare_card_none_of_its_score(trained):
    trees = learnt_of(open_model(firms.shipped_model()))
    assert (trees.absent, trees.shares_ppm, trees.bins) == (TREES, (), ())
    assert trees.rows == 5910
    bare = learnt_of(open_model(trained.card.to_json()))
    assert (bare.absent, bare.shares_ppm) == (SCORES_NOT_KEPT, ())
    assert bare.bins == learnt_of(trained).bins


@pytest.mark.parametrize(
    "evidence",
    [
        {},
        {"score_edges": [500.0], "score_shares": [0.5]},
        {"score_edges": [500.0], "score_shares": [0.5, 0.1]},
        {"score_edges": [500.0], "score_shares": [1.5, -0.5]},
        {"score_edges": [600.0, 500.0], "score_shares": [0.2, 0.3, 0.5]},
        {"score_edges": "abc", "score_shares": None},
        {"score_edges": ["x"], "score_shares": [0.5, 0.5]},
    ],
)
def test_evidence_that_does_not_hold_together_counts_as_not_kept(trained, evidence):
    found = learnt_of(replace(trained, evidence=evidence))
    assert (found.absent, found.shares_ppm, found.edges) == (SCORES_NOT_KEPT, (), ())


def test_cases_like_those_learnt_from_have_not_moved_and_others_have(trained):
    learnt = learnt_of(trained)
    alike = figures(tally(seen(trained, drawn(trained, 500))), None, learnt)
    assert alike.psi_learnt < 0.1
    assert alike.psi is None
    assert not [one for one in alike.alarms if one.code in {"psi-learnt", "csi-learnt"}]
    moved = figures(tally(seen(trained, drawn(trained, 500, 负债率=1.1))), None, learnt)
    assert moved.psi_learnt > 0.25
    alarms = {(one.code, one.column, one.level) for one in moved.alarms}
    assert {("psi-learnt", "", "red"), ("csi-learnt", "负债率", "red")} <= alarms
    assert ("csi-learnt", "月收入", "red") not in alarms


def test_both_indices_are_those_reckoned_by_hand():
    learnt = Learnt(
        rows=400,
        score_rows=400,
        edges=(500, 600),
        shares_ppm=(200_000, 300_000, 500_000),
        bins=(
            BinLine(column="income", text="0", rows=300),
            BinLine(column="income", text="1", rows=100),
        ),
    )
    month = [Seen(score=500, bins={}, outcome="open", places={"income": "0"})] * 100
    month += [Seen(score=601, bins={}, outcome="open", places={"income": "1"})] * 100
    found = figures(tally(month), None, learnt)
    by_score = psi(np.array([0.2, 0.3, 0.5]), np.array([0.5, 0.0, 0.5]))
    assert found.psi_learnt == pytest.approx(by_score)
    assert found.csi_learnt == {"income": pytest.approx(0.25 * np.log(3))}


def test_where_no_population_is_known_there_is_no_figure_and_no_alarm(trained):
    month = tally(seen(trained, drawn(trained, 200, 负债率=1.1)))
    for learnt in (NO_MODEL, learnt_of(open_model(firms.shipped_model()))):
        found = figures(month, None, learnt)
        assert found.psi_learnt is None
        assert found.csi_learnt == {}
        assert found.alarms == ()


def test_few_cases_or_few_rows_learnt_from_raise_no_alarm(trained):
    learnt = learnt_of(trained)
    few = figures(tally(seen(trained, drawn(trained, 49, 负债率=1.1))), None, learnt)
    assert few.psi_learnt > 0.25
    assert few.csi_learnt["负债率"] > 0.25
    assert few.alarms == ()
    month = tally(seen(trained, drawn(trained, 400, 负债率=1.1)))
    thin = replace(
        learnt, score_rows=40, bins=tuple(replace(one, rows=one.rows // 15) for one in learnt.bins)
    )
    assert figures(month, None, thin).alarms == ()
    assert figures(month, None, learnt).alarms != ()


def test_chance_alone_seldom_gives_an_alarm_against_the_population_learnt_from(trained):
    learnt = learnt_of(trained)
    months = [figures(tally(seen(trained, drawn(trained, 60, s))), None, learnt) for s in range(60)]
    assert sum(any(a.code == "psi-learnt" for a in one.alarms) for one in months) <= 9


values = st.one_of(
    st.none(),
    st.decimals("-100", "100000", places=2),
    st.sampled_from(["北京", "上海", "从未见过", ""]),
    st.booleans(),
    st.dates(date(1950, 1, 1), date(2020, 1, 1)),
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["月收入", "负债率", "工作年限", "城市"]), values))
def test_the_bins_found_anew_are_those_that_were_scored(trained, given_values):
    plain = {name: plain_value(one) for name, one in given_values.items()}
    places = placer_of(trained.card)(plain)
    assert set(places) == set(trained.card.binnings)
    score, _parts = CardScorer(trained.card, "").score(given_values)
    again = trained.card.base
    for one in trained.card.characteristics:
        at = 0
        for name in one.columns:
            at = at * trained.card.binnings[name].size + int(places[name])
        again += one.points[at]
    assert again == score


def test_every_bound_is_data_with_what_it_compares_and_where_it_comes_from():
    found = {one.code: one for one in bounds()}
    assert {code for code, one in found.items() if one.compares == "training"} == {
        "psi-learnt",
        "csi-learnt",
    }
    for code in ("psi", "csi", "psi-learnt", "csi-learnt"):
        assert (found[code].watch, found[code].act) == ((Decimal("0.10"),), (Decimal("0.25"),))
        assert "Siddiqi" in found[code].source
        assert found[code].level(stability.WATCH) == stability.alarm_of(stability.WATCH) == "amber"
        assert found[code].level(stability.ACT) == stability.alarm_of(stability.ACT) == "red"
    assert bound_of("ks").source == ""
    for one in found.values():
        assert len(one.watch) == len(one.act) in {1, 2}


def test_what_a_month_is_held_against_travels_as_plain_json(trained):
    found = learnt_of(trained)
    assert json.dumps(found.edges)
    assert all(isinstance(one, int) for one in (*found.edges, *found.shares_ppm))
