"""The model of firms that comes with the house, and a policy of firms that is scored by it.

It is learnt from Polish firms (UCI 365, CC BY 4.0: statements of one year, bankrupt within the
next) and knows nothing of Chinese ones: meant to be judged by in the shadow, until an operator has
outcomes to learn from.
"""

from __future__ import annotations

import copy
import csv
import gzip
import io
from functools import cache
from importlib.resources import files
from math import ceil, log
from typing import Any

import numpy as np

from rongqiao.risk.enterprise.learning.figures import LEARNT, OFTEN_ABSENT
from rongqiao.risk.queries.modelling.scorecards import (
    ChallengerSettings,
    Columns,
    Measures,
    Numbers,
    challenger_of,
    measured,
    split,
)
from rongqiao.risk.scorecards.card import Scaling
from rongqiao.risk.scorecards.challenger import Challenger
from rongqiao.risk.scorecards.modelcard import About

CODE = "firm-statements"
# One booster, so that a decision takes a millisecond and not four.
SETTINGS = ChallengerSettings(seeds=1, rounds_most=300, learning_rate=0.08)
# The highest chance of failing within a year that each grade is given for.
CHANCE_MOST = (("A", 0.01), ("B", 0.02), ("C", 0.04), ("D", 0.08), ("E", 0.16))
# Without one of them a person looks: the trees would make something of what nobody said.
NEEDED = tuple(one.name for one in LEARNT if one.name not in OFTEN_ABSENT)


@cache
def shipped_model() -> str:
    """Return the sealed model file as it is put forward in the register."""
    place = files("rongqiao.risk.enterprise.learning").joinpath("polish_firms.json.gz")
    return gzip.decompress(place.read_bytes()).decode()


def polish_firms() -> tuple[Columns, Numbers]:
    """Return the figures of the bundled Polish firms by our names, and 1 for those that failed."""
    place = files("rongqiao.risk.scorecards").joinpath("sets/polish_bankruptcy_5year.csv.gz")
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(place.read_bytes()).decode())))
    columns = {
        one.name: np.array([_number(row[one.column]) for row in rows], np.float64) for one in LEARNT
    }
    return columns, np.array([_number(row["bankrupt"]) for row in rows], np.float64)


def learn_firms(columns: Columns, failed: Numbers) -> Challenger:
    """Return trees that keep the directions of the figures."""
    directions: Any = {one.name: one.direction for one in LEARNT}
    return challenger_of(columns, failed, directions=directions, settings=SETTINGS)


def measure_fold(columns: Columns, failed: Numbers, number: int) -> Measures:
    """Return how well trees learnt from the other folds tell the firms of one; 0 to 4."""
    inside, outside = list(split(failed))[number]
    trees = learn_firms({name: one[inside] for name, one in columns.items()}, failed[inside])
    chance = trees.probability({name: one[outside] for name, one in columns.items()})
    return measured(failed[outside], chance)


def make_model(on: str) -> Challenger:
    """Return the model to ship with its card; `on` is the day it was learnt, as ISO text."""
    columns, failed = polish_firms()
    folds = [measure_fold(columns, failed, number) for number in range(5)]
    figures = {
        f"fold-{number}": {"auc": round(one.auc, 6), "ks": round(one.ks, 6)}
        for number, one in enumerate(folds, start=1)
    }
    means = {
        name: round(float(np.mean([one[name] for one in figures.values()])), 6)
        for name in ("auc", "ks")
    }
    trees = learn_firms(columns, failed)
    about = About(
        data="UCI 365 Polish companies bankruptcy, fifth year, CC BY 4.0",
        population="Polish firms, statements of one year; no Chinese firm among them",
        target="bankrupt within the next year",
        trained_on=on,
        trained_by="rongqiao.risk.queries.modelling.firms",
        rows=len(failed),
        rate=round(float(failed.mean()), 6),
        metrics={"all": means, **figures},
        notes=("five folds, seed 20260101", "directions of risk are kept where they are given"),
    )
    return Challenger(
        names=trees.names,
        words=trees.words,
        models=trees.models,
        calibration=trees.calibration,
        about=about,
    )


def score_of_chance(chance: float) -> int:
    """Return the least whole points of a chance of failing, on the scale of the scorecards."""
    scaling = Scaling()
    return ceil(scaling.offset - scaling.factor * log(chance / (1 - chance)))


def policy_by_model(base: dict[str, Any], sha256: str, label: str) -> dict[str, Any]:
    """Return a policy document of firms, its score taken from the model of statements.

    All else stays as in `base`, but the lines drawn in points; a firm whose statement lacks a
    figure goes to a person. Test cases that tell the old table's points give way to the model's.
    """
    made = copy.deepcopy(base)
    made["label"] = label
    made["score"] = {"model": sha256}
    made["challenge"] = None
    made["features"] += [
        {
            "name": one.name,
            "type": "number",
            "unit": "",
            "missing": "refer" if one.name in NEEDED else "unknown",
        }
        for one in LEARNT
    ]
    steps = [
        {"grade": grade, "score_min": score_of_chance(chance)} for grade, chance in CHANCE_MOST
    ]
    made["grades"] = steps
    lines = {
        "score-too-low": steps[-1]["score_min"],
        "score-needs-a-person": steps[-2]["score_min"],
    }
    for table in made["tables"]:
        for rule in table["rules"]:
            if rule["code"] in lines:
                _redraw(rule, str(lines[rule["code"]]))
    made["tests"] = _tests(base)
    return made


def _redraw(rule: dict[str, Any], line: str) -> None:
    told = " and ".join(f"{name} is not missing" for name in NEEDED)
    rule["when"] = f"score < {line} and {told}"
    for name in ("score_min", "score_below"):
        if name in rule["facts"]:
            rule["facts"][name] = line


# What the test cases say of a firm, in the order of NEEDED.
_SOUND = (
    "0.11 0.32 2.4 0.14 1.1 0.10 0.13 45 1.6 40 0.33 8 0.30 0.25 2.1 0.68 0.14 0.52 100 0.14 0.13"
    " 0.5 1.9 0.28 3.9"
)
_FAILING = (
    "-0.28 1.15 0.6 -0.25 0.7 -0.40 -0.35 150 0.25 140 -0.02 2.4 -0.40 -0.30 -0.13 -0.15 -0.24"
    " -0.20 320 -0.24 -0.34 0.02 0.5 0.95 0.75"
)


def _figures(text: str) -> dict[str, str]:
    return dict(zip(NEEDED, text.split(), strict=True))


def _tests(base: dict[str, Any]) -> list[dict[str, Any]]:
    """Return test cases like the policy's first one, with figures of a statement.

    What a firm without a statement costs is not known, so that under a profit floor more may be
    asked about it than the statement.
    """
    ordinary = base["tests"][0]
    unstated = [] if base["profit"] else ["fact-missing"]
    cases: tuple[tuple[str, dict[str, str], str, list[str]], ...] = (
        ("a sound firm", _figures(_SOUND), "approve", ["within-policy"]),
        ("a firm about to fail", _figures(_FAILING), "decline", ["score-too-low"]),
        ("no statement", {}, "refer", unstated),
    )
    return [
        {
            "name": name,
            "case": ordinary["case"],
            "features": {**ordinary["features"], **figures},
            "expect": {"outcome": outcome} | ({"reasons": reasons} if reasons else {}),
        }
        for name, figures, outcome, reasons in cases
    ]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
