"""The public data sets, read into columns: what was known when the loan was decided."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from rongqiao.risk.queries.modelling.scorecards import Columns, Numbers, Values

TARGETS = {
    "german_credit": "default",
    "taiwan_credit_card": "default",
    "polish_bankruptcy_5year": "bankrupt",
    "australian_credit": "approved",
}
# Known at approval, as the SBA has them. Term, charge-off and disbursement come later; the loan's
# number and the town stand for single cases.
SBA_AS_IT_IS = (
    "State",
    "Bank",
    "BankState",
    "NoEmp",
    "NewExist",
    "CreateJob",
    "RetainedJob",
    "UrbanRural",
    "RevLineCr",
    "LowDoc",
    "GrAppv",
    "SBA_Appv",
)


@dataclass(frozen=True)
class Ground:
    """A table, its target, and the fiscal year of each row where there is a time."""

    columns: Columns
    target: Numbers
    years: Numbers | None = None


def ground(name: str) -> Ground:
    """Return one of the sets whose folds are drawn at random."""
    raw = _raw(name)
    target = _column(raw[TARGETS[name]])
    rest = {key: _column(values) for key, values in raw.items() if key != TARGETS[name]}
    return Ground(rest, target)


def sba() -> Ground:
    """Return the SBA's national file with what was known at approval, and the year of approval.

    Sector is NAICS to two digits; portion and "same state" are as in Li, Mickel and Taylor 2018.
    """
    raw = _raw("sba_national_part")
    columns = {name: _column(raw[name]) for name in SBA_AS_IT_IS}
    columns["Sector"] = _words([code.zfill(6)[:2] for code in raw["NAICS"]])
    columns["Franchise"] = (_column(raw["FranchiseCode"]) > 1).astype(np.float64)
    columns["SameState"] = (columns["State"] == columns["BankState"]).astype(np.float64)
    columns["Portion"] = columns["SBA_Appv"] / columns["GrAppv"]
    return Ground(columns, _column(raw["default"]), _column(raw["ApprovalFY"]))


def _raw(name: str) -> Mapping[str, list[str]]:
    packed = files("rongqiao.risk.scorecards").joinpath("sets", f"{name}.csv.gz").read_bytes()
    names, *rows = csv.reader(gzip.decompress(packed).decode().splitlines())
    return {key: list(values) for key, values in zip(names, zip(*rows, strict=True), strict=True)}


def _column(values: list[str]) -> Values:
    """Return numbers where all that is there are numbers, words otherwise."""
    try:
        return np.array([float(one) if one else np.nan for one in values], np.float64)
    except ValueError:
        return _words(values)


def _words(values: list[str]) -> Values:
    column = np.empty(len(values), object)
    column[:] = [one or None for one in values]
    return column
