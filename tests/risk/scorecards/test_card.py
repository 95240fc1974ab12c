"""Laws of a scorecard: points, reasons, directions, files."""

import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.risk.scorecards import table
from rongqiao.risk.scorecards.card import NO_REASON, Scorecard
from rongqiao.risk.scorecards.fitting import fit_scorecard
from rongqiao.risk.scorecards.modelcard import About, ModelChanged
from tests.risk.scorecards.made import SMALL, anything, cases

DIRECTIONS = {"income": "falling", "age": "falling"}
seeds = st.integers(0, 10_000)
few = settings(max_examples=12, deadline=None)


@cache
def card(seed=3):
    columns, target = cases(seed, 800)
    return fit_scorecard(columns, target, directions=DIRECTIONS, settings=SMALL)


@few
@given(seeds)
def test_a_score_is_the_base_and_one_number_of_each_characteristic(seed):
    columns, target = cases(seed)
    fitted = fit_scorecard(columns, target, settings=SMALL)
    scored = fitted.score_all(columns)
    for row in range(0, 400, 40):
        plain = {name: values[row] for name, values in columns.items()}
        parts = fitted.parts_of(plain)
        assert scored.points[row] == fitted.base + sum(points for _, _, points, _ in parts)


@few
@given(seeds)
def test_one_row_and_many_are_scored_alike(seed):
    columns, target = cases(seed)
    fitted = fit_scorecard(columns, target, settings=SMALL)
    scored = fitted.score_all(columns)
    for row in range(0, 400, 20):
        plain = {name: values[row] for name, values in columns.items()}
        points, chance, reasons = fitted.score_one(plain)
        assert points == scored.points[row]
        assert chance == pytest.approx(scored.probability[row], rel=1e-12)
        assert list(reasons) == [one for one in scored.reasons[row].tolist() if one != NO_REASON]


@few
@given(seeds)
def test_the_reasons_are_the_largest_losses_gravest_first(seed):
    columns, target = cases(seed)
    fitted = fit_scorecard(columns, target, settings=SMALL)
    reasons = fitted.reasons(columns, 4)
    for row in range(0, 400, 40):
        plain = {name: values[row] for name, values in columns.items()}
        losses = [best - points for _, _, points, best in fitted.parts_of(plain)]
        told = [one for one in reasons[row].tolist() if one != NO_REASON]
        assert len(set(told)) == len(told)
        assert [losses[one] for one in told] == sorted((x for x in losses if x > 0), reverse=True)[
            :4
        ]


@settings(max_examples=12, deadline=None)
@given(seeds, st.sampled_from(["rising", "falling"]), st.sampled_from(["rising", "falling"]))
def test_a_direction_given_is_never_broken_whatever_else_the_row_holds(seed, income, age):
    columns, target = cases(seed)
    ways = {"income": income, "age": age}
    fitted = fit_scorecard(columns, target, directions=ways, settings=SMALL)
    ladder = {"income": np.geomspace(10, 1e6, 60), "age": np.linspace(15, 80, 60)}
    for name, way in ways.items():
        for row in range(0, 400, 80):
            one = {key: np.repeat(values[row : row + 1], 60) for key, values in columns.items()}
            steps = np.diff(fitted.points({**one, name: ladder[name]}))
            assert (steps <= 0).all() if way == "rising" else (steps >= 0).all()


@few
@given(seeds)
def test_the_chance_falls_as_points_rise(seed):
    columns, target = cases(seed)
    fitted = fit_scorecard(columns, target, settings=SMALL)
    scored = fitted.score_all(columns)
    order = np.argsort(scored.points)
    points, chance = scored.points[order], scored.probability[order]
    assert (np.diff(chance)[np.diff(points) > 0] < 0).all()
    assert ((chance > 0) & (chance < 1)).all()


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["income", "age", "word", "noise", "other"]), anything))
def test_missing_and_unseen_values_never_raise(row):
    points, chance, reasons = card().score_one(row)
    assert isinstance(points, int)
    assert 0 < chance < 1
    assert len(reasons) <= 4


def test_columns_of_the_other_kind_or_not_there_count_as_missing():
    columns, _ = cases(3)
    rows = len(columns["age"])
    gone = {"age": np.full(rows, np.nan), "word": table.words([None] * rows)}
    crossed = {"age": table.words(["x"] * rows), "word": np.zeros(rows)}
    assert (card().points(gone) == card().points(crossed)).all()
    assert (card().points({**gone, "income": np.full(rows, np.nan)}) == card().points(gone)).all()


def test_a_file_read_again_scores_the_same():
    columns, _ = cases(5)
    about = About(data="made", trained_on="2026-01-01", metrics={"all": {"auc": 0.1 + 0.2}})
    fitted = Scorecard(
        base=card().base,
        binnings=card().binnings,
        characteristics=card().characteristics,
        about=about,
    )
    again = Scorecard.from_json(fitted.to_json())
    assert again == fitted
    assert again.sha256 == fitted.sha256
    assert again.to_json() == fitted.to_json()
    assert (again.points(columns) == fitted.points(columns)).all()
    assert (again.reasons(columns) == fitted.reasons(columns)).all()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_byte_changed_in_a_file_is_noticed(data):
    text = card().to_json()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[at]))
    with pytest.raises(ModelChanged):
        Scorecard.from_json(text[:at] + other + text[at + 1 :])


def test_a_file_of_another_kind_is_refused():
    with pytest.raises(ModelChanged):
        Scorecard.from_json("[]")
    with pytest.raises(ModelChanged):
        Scorecard.from_json(json.dumps({"kind": "scorecard"}))


def test_the_same_table_gives_the_same_model():
    columns, target = cases(9)
    first = fit_scorecard(columns, target, settings=SMALL)
    assert fit_scorecard(columns, target, settings=SMALL).sha256 == first.sha256


def test_what_separates_is_found_and_what_does_not_is_told_less():
    columns, target = cases(1, 3000)
    fitted = fit_scorecard(columns, target)
    reach = {
        one.name: max(one.points) - min(one.points)
        for one in fitted.characteristics
        if len(one.columns) == 1
    }
    assert reach["income"] > 5 * reach.get("noise", 0)


def test_a_column_whose_meaning_does_not_last_is_left_out():
    random = np.random.RandomState(4)
    years = np.repeat([2001.0, 2002.0], 2000)
    lasting, turning = random.normal(size=4000), random.normal(size=4000)
    logit = lasting + np.where(years == 2001, 2, -2) * turning
    target = (random.uniform(size=4000) < 1 / (1 + np.exp(-logit))).astype(float)
    columns = {"lasting": lasting, "turning": turning}
    with_time = fit_scorecard(columns, target, settings=SMALL, periods=years)
    assert with_time.codes == ("lasting",)


def test_wrong_tables_are_told():
    columns, target = cases(2)
    with pytest.raises(table.WrongTable):
        fit_scorecard(columns, np.zeros(400))
    with pytest.raises(table.WrongTable):
        fit_scorecard({**columns, "short": np.zeros(3)}, target)
    with pytest.raises(table.WrongTable):
        fit_scorecard({}, target)
