"""`rongqiao bench schedule` reports in the form of the contract."""

import json

import pytest
import typer

from rongqiao.cli.bench import frame, schedule
from rongqiao.cli.bench.report import Figure, Report, Work


def test_the_report_has_the_contract_s_form_and_figures(monkeypatch):
    monkeypatch.setattr(schedule, "QUICK_ROUNDS", 3)
    monkeypatch.setattr(schedule, "BATCH", 2_000)
    report = json.loads(schedule.measure(Work(quick=True)).json())
    assert list(report) == ["bench", "rounds", "limit", "figures", "held"]
    assert (report["bench"], report["rounds"]) == ("schedule", 3)
    named = {figure["name"]: figure for figure in report["figures"]}
    assert named["one at a time"]["target"] == ">= 0.6"
    assert named["in batch"]["target"] == ">= 10"
    assert all(figure["value"] > 0 for figure in report["figures"])
    assert all(list(figure)[1:] == ["value", "unit", "target", "held"] for figure in named.values())


@pytest.mark.parametrize(("value", "code"), [(2.0, 0), (0.5, 1)])
def test_the_exit_code_says_whether_the_targets_are_held(monkeypatch, capsys, value, code):
    figures = (Figure("speed", value, "x", 1.0), Figure("told only", 0.0, "x"))
    report = Report(bench="schedule", rounds=1, limit={}, figures=figures)
    monkeypatch.setattr(schedule, "measure", lambda _work: report)
    with pytest.raises(typer.Exit) as left:
        frame.command("schedule", as_json=True)
    assert left.value.exit_code == code
    assert json.loads(capsys.readouterr().out)["held"] is (code == 0)


@pytest.mark.parametrize("given", [{"name": "nonsense"}, {"name": "schedule", "loans": 5}])
def test_a_wrong_name_or_option_is_told_in_one_line(capsys, given):
    with pytest.raises(typer.Exit) as left:
        frame.command(**given)
    assert left.value.exit_code == 2
    assert capsys.readouterr().err.count("\n") == 1
