"""Columns that know the outcome are found by what they do."""

from pathlib import Path

import numpy as np
import pytest

from rongqiao.risk.scorecards.table import words
from rongqiao.risk.scorecards.training.leakage import leaks_of
from rongqiao.risk.scorecards.training.preparing import Wanted, prepare

SETS = Path(__file__).parents[1] / "sets"
ROWS = 4000


@pytest.fixture
def honest():
    """Four columns that tell a little each, and what came of it."""
    random = np.random.default_rng(5)
    columns = {f"x{i}": random.normal(size=ROWS) for i in range(4)}
    risk = sum(columns.values()) * 0.5 - 1.2
    return columns, (random.random(ROWS) < 1 / (1 + np.exp(-risk))).astype(float), random


def found(columns, bad, **more):
    return {one.column: one.code for one in leaks_of(columns, bad, **more)}


def test_honest_columns_are_left_alone(honest):
    columns, bad, _random = honest
    assert found(columns, bad) == {}


def test_a_strong_column_that_is_no_stronger_than_the_others_together_is_left_alone(honest):
    columns, bad, random = honest
    columns["strong"] = columns["x0"] + columns["x1"] + random.normal(size=ROWS) * 0.5
    assert found(columns, bad) == {}


def test_a_copy_of_the_target_in_any_spelling_is_found(honest):
    columns, bad, random = honest
    columns["copy"] = bad * 7 - 3
    columns["spelt"] = words(["gone" if one else "here" for one in bad])
    columns["loss"] = bad * random.lognormal(9, 1, ROWS)
    codes = found(columns, bad)
    assert set(codes) == {"copy", "spelt", "loss"}
    assert set(codes.values()) == {"copy-of-target"}


def test_a_column_filled_in_only_after_a_loss_is_found(honest):
    columns, bad, random = honest
    columns["lost_on"] = np.where((bad == 1) & (random.random(ROWS) < 0.9), 20_000.0, np.nan)
    assert found(columns, bad) == {"lost_on": "missing-in-one-class"}


def test_figures_that_are_round_for_the_good_only_are_found(honest):
    columns, bad, random = honest
    years = random.integers(1, 20, ROWS) * 12.0
    cut = years - random.integers(1, 11, ROWS)
    columns["term"] = np.where((bad == 1) & (random.random(ROWS) < 0.85), cut, years)
    assert found(columns, bad) == {"term": "round-in-one-class"}


def test_two_columns_that_leak_alike_do_not_hide_each_other(honest):
    columns, bad, random = honest
    columns["calls"] = bad * 2 + random.normal(size=ROWS)
    columns["letters"] = bad * 2 + random.normal(size=ROWS)
    assert found(columns, bad) == {"calls": "too-good-alone", "letters": "too-good-alone"}


def test_a_column_that_only_tells_the_time_is_found(honest):
    columns, bad, random = honest
    clock = np.sort(random.integers(10_000, 12_000, ROWS)).astype(float)
    columns["year"] = np.floor(clock / 365.25)
    assert found(columns, bad, clock=clock) == {"year": "tells-the-time"}
    assert found(columns, bad) == {}


def test_the_term_of_the_sba_loans_is_flagged_by_its_figures_under_whatever_name():
    with (SETS / "sba_national_part.csv.gz").open("rb") as file:
        prepared = prepare(file, Wanted(name="sba", target="default"), lambda *_: None)
    out = {one.column: one for one in prepared.left_out}
    term = out["Term"]
    assert term.code == "round-in-one-class"
    assert term.facts["modulus"] == "12"
    assert float(term.facts["good"].rstrip("%")) > 85
    assert float(term.facts["bad"].rstrip("%")) < 16
    assert {"MIS_Status", "ChgOffDate", "ChgOffPrinGr", "LoanNr_ChkDgt"} <= set(out)
    assert "Term" not in prepared.columns
    assert (prepared.split.kind, prepared.split.column) == ("out-of-time", "ApprovalDate")
    assert {"NAICS", "GrAppv", "State", "NoEmp"} <= set(prepared.columns)
