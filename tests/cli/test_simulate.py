"""`rongqiao simulate`: one seed, one history, to the byte."""

import json
import os
import subprocess
import sys

import pytest

CLOSED_MONTHS = "2 what a closed month keeps equals its postings"
COMMAND = [sys.executable, "-m", "rongqiao.cli.main", "simulate"]


def simulate(*arguments, hash_seed="0"):
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )


def test_two_runs_with_one_seed_end_with_the_same_bytes(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    size = ("--days", "45", "--borrowers", "8", "--json")
    first = simulate("--seed", "3", *size, hash_seed="1")
    second = simulate("--seed", "3", *size, hash_seed="2")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    figures = json.loads(first.stdout)
    assert figures["loans"]["active"] > 0
    assert [law for law in figures["laws"] if law["broken"]] == []
    # No month is closed in a simulation; every other law has something to look at.
    assert [law["law"] for law in figures["laws"] if not law["checked"]] == [CLOSED_MONTHS]
    assert list(tmp_path.glob("simulation-*")) == []


def test_a_bank_that_errs_leaves_every_order_ended_and_no_break_open(tmp_path, monkeypatch):
    monkeypatch.setenv("RONGQIAO_VAR", str(tmp_path))
    size = ("--days", "12", "--borrowers", "12", "--faults", "--json")
    first, second = simulate("--seed", "5", *size), simulate("--seed", "5", *size)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    figures = json.loads(first.stdout)
    assert set(figures["orders"]) == {"succeeded", "failed"}
    assert figures["breaks"] == {"kinds": {}, "open": 0}
    custody = figures["custody"]
    assert custody["cash"] == custody["client_money"] == custody["closing_at_the_bank"]
    assert custody["unexplained"] == "0.00"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--lenders", "3"), "lenders arrive with the marketplace"),
        (("--days", "0"), "--days is 0; allowed: 1 to"),
        (("--borrowers", "-1"), "--borrowers is -1; allowed: 0 to"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_one_sentence(arguments, sentence):
    whole = {"--seed": "1", "--days": "5", "--borrowers": "1"}
    given = dict(zip(arguments[::2], arguments[1::2], strict=False))
    words = [word for pair in (whole | given).items() for word in pair]
    refused = simulate(*words)
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
