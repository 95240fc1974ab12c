"""Laws of the challenger: directions, files, reasons, and that nothing pays for it unasked."""

import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from rongqiao.risk.scorecards.challenger import Challenger, ChallengerSettings, fit_challenger
from rongqiao.risk.scorecards.modelcard import ModelChanged
from rongqiao.risk.scorecards.table import take
from tests.risk.scorecards.made import cases

SMALL = ChallengerSettings(rounds_most=60, folds=2, seeds=2)
DIRECTIONS = {"income": "falling", "age": "rising"}


@cache
def challenger():
    columns, target = cases(3, 1200)
    return fit_challenger(columns, target, directions=DIRECTIONS, settings=SMALL)


def test_a_direction_given_is_never_broken():
    columns, _ = cases(4)
    ladders = {"income": np.geomspace(10, 1e6, 80), "age": np.linspace(15, 80, 80)}
    for name, ladder in ladders.items():
        for row in range(0, 400, 40):
            one = {key: np.repeat(values[row : row + 1], 80) for key, values in columns.items()}
            steps = np.diff(challenger().probability({**one, name: ladder}))
            assert (steps <= 0).all() if name == "income" else (steps >= 0).all()


def test_a_file_read_again_tells_the_same_chances_and_reasons():
    columns, _ = cases(5)
    again = Challenger.from_json(challenger().to_json())
    assert again.sha256 == challenger().sha256
    assert (again.probability(columns) == challenger().probability(columns)).all()
    assert (again.reasons(columns) == challenger().reasons(columns)).all()
    text = challenger().to_json()
    for at in range(0, len(text), len(text) // 40):
        with pytest.raises(ModelChanged):
            Challenger.from_json(text[:at] + ("x" if text[at] != "x" else "y") + text[at + 1 :])


def test_contributions_add_up_to_the_log_odds():
    columns, _ = cases(6)
    chance = challenger().probability(columns)
    rest = np.log(chance / (1 - chance)) - challenger().contributions(columns).sum(axis=1)
    assert rest == pytest.approx(rest[0], abs=1e-8)


def test_the_reasons_are_what_raises_the_risk_most():
    columns, _ = cases(7)
    added, reasons = challenger().contributions(columns), challenger().reasons(columns, 2)
    for row in range(0, 400, 20):
        raising = sorted((one for one in added[row] if one > 0), reverse=True)[:2]
        assert [added[row, one] for one in reasons[row] if one >= 0] == raising


def test_missing_and_unseen_values_never_raise():
    columns, _ = cases(8)
    part = {"income": np.array([np.nan, np.inf]), "word": np.array(["没见过", None], object)}
    assert np.isfinite(challenger().probability(part)).all()
    assert np.isfinite(challenger().probability({"other": columns["age"]})).all()


def test_the_same_table_gives_the_same_model():
    columns, target = cases(9)
    rows = np.arange(400)
    first = fit_challenger(columns, target, settings=SMALL)
    assert fit_challenger(take(columns, rows), target[rows], settings=SMALL).sha256 == first.sha256


def test_the_library_is_loaded_only_when_trees_are_asked_for():
    asked = (
        "import sys; from rongqiao.risk.queries.modelling import scorecards;"
        "print('lightgbm' in sys.modules, 'scipy' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]
