"""Polish firms (UCI 365, fifth year) as this room sees them: ratios, signs, what became of them."""

import csv
import gzip
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files

import numpy as np

from rongqiao.risk.enterprise.rating import rate
from rongqiao.risk.enterprise.ratios import CODES, Ratio
from rongqiao.risk.enterprise.scale import Calibration, calibrate
from rongqiao.risk.enterprise.standards import shipped_standards
from rongqiao.risk.enterprise.watching.hazard import fit_hazard
from rongqiao.risk.enterprise.watching.polish import COLUMNS, POPULATION
from rongqiao.risk.enterprise.watching.warnings import signals, warning_rules

RATIOS = {
    "return-on-assets": "X7",
    "debt-to-assets": "X2",
    "asset-turnover": "X9",
    "receivable-turnover": "X61",
    "interest-cover": "X27",
    "quick-ratio": "X46",
    "inventory-turnover": "X60",
}
MEASURES = {name: column for name, column in COLUMNS.items() if name != "revenue-growth"}
# No public set at hand has these: weights of one step of severity, set by hand.
BY_HAND = {
    "filings-missed": 0.4,
    "tax-owed": 0.4,
    "invoices-stopped": 0.5,
    "invoices-falling": 0.5,
    "invoices-below-sales": 0.3,
    "invoices-unsteady": 0.2,
    "margin-unsteady": 0.2,
    "sued": 0.3,
    "enforced": 0.6,
    "listed-dishonest": 0.9,
    "pays-late": 0.8,
    "debits-fail": 0.4,
    "limit-drawn-out": 0.3,
}
RULES = tuple(rule.code for rule in warning_rules())


def number(text):
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


@cache
def rows():
    place = files("rongqiao.risk.scorecards").joinpath("sets/polish_bankruptcy_5year.csv.gz")
    found = list(csv.DictReader(gzip.decompress(place.read_bytes()).decode().splitlines()))
    return [{name: number(text) for name, text in row.items()} for row in found]


def failed():
    return np.array([row["bankrupt"] == 1 for row in rows()])


def ratios_of(row):
    made = {code: Ratio(code=code, value=None, why_not="not in the set") for code in CODES}
    known = {code: row[column] for code, column in RATIOS.items()}
    known["revenue-growth"] = None if row["X21"] is None else row["X21"] - 1
    if row["X1"] is not None and row["X10"] is not None and row["X10"] > 0:
        known["return-on-equity"] = row["X1"] / row["X10"]
    for code, value in known.items():
        if value is not None:
            made[code] = Ratio(code=code, value=value)
    return made


@cache
def scores(standards):
    """Return each firm's score by its statements alone, 0 to 100; NaN where none was scored."""
    table = shipped_standards()[standards]
    any_scale = Calibration(intercept=0, slope=-1, population="", cases=0, failures=0)
    found = []
    for row in rows():
        lines = rate(ratios_of(row), table, any_scale).lines
        scored = [line for line in lines if line.points is not None]
        weight = sum(line.weight for line in scored)
        found.append(float(sum(line.points for line in scored) / weight * 100) if weight else None)
    return np.array([np.nan if one is None else one for one in found])


@cache
def severities():
    """Return firms x rules severities, 0 to 3."""
    table = np.zeros((len(rows()), len(RULES)))
    for place, row in enumerate(rows()):
        known = {name: row[column] for name, column in MEASURES.items()}
        known["revenue-growth"] = None if row["X21"] is None else row["X21"] - 1
        met = signals({name: value for name, value in known.items() if value is not None})
        for one in met:
            table[place, RULES.index(one.code)] = one.severity
    return table


def fitted():
    """Return what fitted.json holds, reckoned anew."""
    calibrations = {}
    for code in shipped_standards():
        found = scores(code)
        usable = ~np.isnan(found)
        one = calibrate(list(found[usable]), list(failed()[usable]), POPULATION)
        calibrations[code] = {
            "intercept": round(one.intercept, 6),
            "slope": round(one.slope, 6),
            "population": one.population,
            "cases": one.cases,
            "failures": one.failures,
        }
    hazard = fit_hazard(severities(), list(failed()), RULES, months=12, population=POPULATION)
    return {
        "what": "fitted on Polish firms (UCI 365, CC BY 4.0), on no Chinese ones",
        "calibrations": calibrations,
        "hazard": {
            "intercept": round(hazard.intercept, 6),
            "weights": {
                code: round(weight, 6)
                for code, weight in zip(RULES, hazard.weights, strict=True)
                if code not in BY_HAND
            },
            "by_hand": BY_HAND,
            "months": 12,
            "population": hazard.population,
            "rows": hazard.rows,
            "failures": hazard.failures,
        },
    }
