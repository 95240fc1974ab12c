"""`rongqiao bench risk` has the contract's form; its sets hold nothing known only afterwards."""

import json

import numpy as np
import pytest

from rongqiao.cli.bench.report import Figure, Work
from rongqiao.cli.bench.risk import baselines, figures, grounds
from tests.risk.scorecards.made import SMALL, cases


@pytest.fixture
def tiny(monkeypatch):
    def made(_name="any"):
        columns, target = cases(1, 600)
        return grounds.Ground(columns, target, np.repeat([1997.0, 2004.0, 2005.0, 2006.0], 150))

    effort = figures.Effort(1, SMALL, figures.ChallengerSettings(rounds_most=40, folds=2, seeds=1))
    monkeypatch.setattr(figures, "ground", made)
    monkeypatch.setattr(figures, "sba", made)
    monkeypatch.setattr(figures, "ROWS_SCORED", 2_000)
    monkeypatch.setattr(figures, "ONE_ROW_TURNS", 10)
    monkeypatch.setattr(figures.Effort, "of", classmethod(lambda _cls, _work: effort))


def test_the_report_has_every_figure_and_says_when_optbinning_is_absent(tiny, monkeypatch):
    monkeypatch.setattr(figures, "optbinning_is_here", lambda: False)
    report = json.loads(figures.measure(Work(quick=True)).json())
    named = {figure["name"]: figure["target"] for figure in report["figures"]}
    assert named["German, scorecard"] == ">= 0.8"
    assert named["Taiwan, scorecard"] == ">= 0.77"
    assert named["Taiwan, challenger"] == ">= 0.784"
    assert named["Taiwan, challenger, calibration"] == ">= 0.95 and <= 1.05"
    assert named["Polish 5th year, scorecard"] == ">= 0.92"
    assert named["Polish 5th year, challenger"] == ">= 0.96"
    assert named["SBA FY2005, challenger"] == ">= 0.673"
    assert named["SBA FY2006, scorecard"] == ">= 0.672"
    assert named["a million rows with reasons"] == "<= 2"
    assert named["Taiwan, LightGBM"] is None
    assert not any("optbinning" in name for name in named)
    assert "absent" in report["limit"]["optbinning"]


def test_two_runs_measure_the_same(tiny, monkeypatch):
    monkeypatch.setattr(figures, "optbinning_is_here", lambda: False)
    first, second = (figures.measure(Work()).figures for _ in range(2))
    assert [one for one in first if one.unit == "AUC"] == [
        one for one in second if one.unit == "AUC"
    ]


def test_the_sba_s_columns_were_known_at_approval():
    ground = grounds.sba()
    later = {"Term", "ChgOffDate", "ChgOffPrinGr", "MIS_Status", "DisbursementGross"}
    assert not later & set(ground.columns)
    assert len(ground.target) == 22_308
    assert ground.target.mean() == pytest.approx(0.21, abs=0.005)


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("german_credit", 1000, 20),
        ("taiwan_credit_card", 30000, 23),
        ("australian_credit", 690, 14),
    ],
)
def test_the_sets_are_whole(name, rows, columns):
    ground = grounds.ground(name)
    assert (len(ground.target), len(ground.columns)) == (rows, columns)


def test_a_figure_between_two_ends_is_held_between_them_only():
    ends = {"least": 0.95, "most": 1.05}
    assert Figure("slope", 1.0, "slope", **ends).held
    assert not Figure("slope", 1.06, "slope", **ends).held
    assert not Figure("slope", 0.94, "slope", **ends).held


def test_the_peers_tell_chances():
    columns, target = cases(2, 600)
    told = baselines.lightgbm_chances(columns, target, columns)
    assert ((told > 0) & (told < 1)).all()
