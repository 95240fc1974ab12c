"""Months against the months before: figures by hand, alarms above chance, laws of adding up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongqiao.risk.scorecards.metrics import psi
from rongqiao.risk.scorecards.monitoring.figures import by_chance, figures
from rongqiao.risk.scorecards.monitoring.tallies import (
    Seen,
    tally,
    together,
)


def case(score=600, **more):
    return Seen(**{"score": score, "bins": {"income": "a"}, "outcome": "approved"} | more)


def drawn(rows, mean=600, seed=1, **more):
    random = np.random.default_rng(seed)
    scores = random.normal(mean, 50, rows).round().astype(int)
    chance = 1 / (1 + np.exp((scores - 480) / 72.13))
    bad = random.random(rows) < chance
    return [
        case(int(s), chance=float(p), is_bad=bool(b), **more)
        for s, p, b in zip(scores, chance, bad, strict=True)
    ]


cases = st.builds(
    Seen,
    score=st.integers(300, 900),
    bins=st.dictionaries(st.sampled_from("abc"), st.sampled_from(["", "x", "y"]), max_size=3),
    outcome=st.sampled_from(["approved", "declined", "open"]),
    by_person=st.booleans(),
    override=st.sampled_from(["", "up", "down"]),
    chance=st.none() | st.floats(0, 1),
    is_bad=st.none() | st.booleans(),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(cases, max_size=40), st.lists(cases, max_size=40))
def test_two_months_counted_together_are_the_cases_of_both(first, second):
    assert together([tally(first), tally(second)]) == tally(first + second)


@settings(max_examples=50, deadline=None)
@given(st.lists(cases, max_size=60))
def test_a_month_against_itself_has_not_moved(month):
    found = figures(tally(month), tally(month))
    assert found.psi is None or found.psi == pytest.approx(0)
    assert all(value == pytest.approx(0) for value in found.csi.values())
    assert not [one for one in found.alarms if one.code in {"psi", "csi", "ks", "missing"}]


@settings(max_examples=50, deadline=None)
@given(st.lists(cases, max_size=60), st.lists(cases, max_size=60))
def test_figures_never_fail_and_rates_are_shares(now, before):
    found = figures(tally(now), tally(before))
    for rate in (found.approval_rate, found.override_up_rate, found.observed, found.expected):
        assert rate is None or 0 <= rate <= 1
    assert found.rows == len(now)


def test_csi_and_rates_are_those_reckoned_by_hand():
    before = [case(bins={"income": text}) for text in "aaaaaaabbb"] * 10
    now = [case(bins={"income": text}) for text in "aaabbbbbbb"] * 10
    found = figures(tally(now), tally(before))
    assert found.csi["income"] == pytest.approx(0.8 * np.log(0.7 / 0.3))
    assert [(one.code, one.column, one.level) for one in found.alarms] == [("csi", "income", "red")]


def test_psi_is_that_of_the_deciles_of_the_months_before():
    before, now = drawn(4000), drawn(3000, mean=570, seed=2)
    found = figures(tally(now), tally(before))
    was, became = (np.array([one.score for one in month]) for month in (before, now))
    edges = np.unique(np.quantile(was, np.arange(1, 10) / 10, method="lower"))
    told = [
        np.bincount(np.searchsorted(edges, one), minlength=10) / len(one) for one in (was, became)
    ]
    assert found.psi == pytest.approx(psi(*told))
    assert found.psi > 0.25
    assert ("psi", "red") in {(one.code, one.level) for one in found.alarms}


def test_an_unmoved_population_exceeds_the_bound_of_chance_in_about_one_month_of_twenty():
    random = np.random.default_rng(3)
    scores = np.arange(100)
    before = random.choice(scores, 4000)
    edges = np.quantile(before, np.arange(1, 10) / 10, method="lower")
    was = np.bincount(np.searchsorted(edges, before), minlength=10) / 4000
    beyond = 0
    for _ in range(600):
        now = np.bincount(np.searchsorted(edges, random.choice(scores, 150)), minlength=10) / 150
        beyond += psi(was, now) > by_chance(10, 150, 4000)
    assert 0.02 < beyond / 600 < 0.09


def test_few_cases_raise_no_alarm():
    before, now = drawn(4000), drawn(40, mean=450, seed=4)
    assert figures(tally(now), tally(before)).alarms == ()


def test_a_calibrated_model_has_slope_one_and_a_flattened_one_is_told():
    right = figures(tally(drawn(20_000)), None)
    assert right.slope == pytest.approx(1, abs=0.1)
    assert right.intercept == pytest.approx(0, abs=0.2)
    assert right.expected == pytest.approx(right.observed, abs=0.01)
    assert right.alarms == ()
    odds = [one.chance / (1 - one.chance) for one in drawn(20_000, seed=5)]
    worn = [
        case(one.score, chance=half**0.5 / (1 + half**0.5), is_bad=one.is_bad)
        for one, half in zip(drawn(20_000, seed=5), odds, strict=True)
    ]
    assert ("slope", "red") in {(one.code, one.level) for one in figures(tally(worn), None).alarms}


def test_a_model_that_parts_no_longer_loses_its_ks_and_says_so():
    random = np.random.default_rng(6)
    before = drawn(5000)
    bad = random.random(5000) < 0.15
    now = [case(one.score, is_bad=bool(b)) for one, b in zip(before, bad, strict=True)]
    found = figures(tally(now), tally(before))
    assert found.ks < 0.08
    assert ("ks", "red") in {(one.code, one.level) for one in found.alarms}


def test_a_feature_that_goes_missing_is_told_by_how_much_it_rose():
    before = [case(bins={"tax": "" if i % 50 == 0 else "x"}) for i in range(500)]
    now = [case(bins={"tax": "" if i % 3 == 0 else "x"}) for i in range(500)]
    found = figures(tally(now), tally(before))
    assert found.missing["tax"] == pytest.approx(167 / 500)
    (alarm,) = [one for one in found.alarms if one.code == "missing"]
    assert (alarm.column, alarm.level) == ("tax", "red")
    assert alarm.value == pytest.approx(157 / 500)


def test_overrides_are_told_both_ways_as_shares_of_what_people_decided():
    month = [case() for _ in range(60)]
    month += [case(by_person=True, override="up") for _ in range(6)]
    month += [case(by_person=True, override="down", outcome="declined") for _ in range(2)]
    month += [case(by_person=True) for _ in range(32)]
    found = figures(tally(month), None)
    assert found.override_up_rate == pytest.approx(6 / 40)
    assert found.override_down_rate == pytest.approx(2 / 40)
    assert found.approval_rate == pytest.approx(98 / 100)
    assert [(one.code, one.level) for one in found.alarms] == [("override-up", "amber")]
