"""Standard values of ratios by industry and size, and the banded interpolation against them.

Method: 功效系数法 of 国资发评价〔2006〕157号 as restated in the test vectors
(sasac_performance_standards.json). The values shipped are published figures of state-owned and
medium industrial firms, not the current yearbook and not of small firms: an operator loads their
own tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

BAND_NAMES = ("excellent", "good", "average", "low", "poor")


class BadStandards(ValueError):
    """A table of standard values that cannot be read; says which ratio and why."""


@dataclass(frozen=True, kw_only=True)
class Standard:
    """The five standard values of one ratio, best first; `unit` turns them into plain fractions."""

    code: str
    label: str
    unit: Decimal
    bands: tuple[Decimal, ...]

    @property
    def more_is_better(self) -> bool:
        """Tell whether the best value is the largest."""
        return self.bands[0] > self.bands[-1]


@dataclass(frozen=True, kw_only=True)
class Standards:
    """One table: whose values they are, where from, and the coefficient of each band."""

    code: str
    label: str
    source: str
    coefficients: tuple[Decimal, ...]
    values: Mapping[str, Standard]


@dataclass(frozen=True, kw_only=True)
class Banded:
    """A ratio's place among its standard values: points of `weight`, and the band it reached."""

    points: Decimal
    weight: Decimal
    band: str


def banded(value: Decimal, standard: Standard, weight: Decimal, table: Standards) -> Banded:
    """Return the points of a ratio (in the standard's own unit) by interpolation between bands.

    points = weight x K(band) + (value - this) / (above - this) x weight x (K(above) - K(band));
    at or beyond the best value the whole weight, beyond the worst nothing.
    """
    sign = 1 if standard.more_is_better else -1
    marks = [mark * sign for mark in standard.bands]
    at = value * sign
    if at >= marks[0]:
        return Banded(points=weight * table.coefficients[0], weight=weight, band=BAND_NAMES[0])
    if at < marks[-1]:
        return Banded(points=Decimal(0), weight=weight, band="below")
    place = next(i for i, mark in enumerate(marks) if at >= mark)
    lower, upper = marks[place], marks[place - 1]
    share = (at - lower) / (upper - lower)
    low, high = table.coefficients[place], table.coefficients[place - 1]
    points = weight * low + share * weight * (high - low)
    return Banded(points=points, weight=weight, band=BAND_NAMES[place])


def shipped_standards() -> Mapping[str, Standards]:
    """Return the tables that come with the project, by code."""
    return _shipped()


@cache
def _shipped() -> dict[str, Standards]:
    text = files("rongqiao.risk.enterprise").joinpath("standards.json").read_text("utf-8")
    document = json.loads(text)
    return {
        code: read_standards(code, row, document["coefficients"])
        for code, row in document["tables"].items()
    }


def read_standards(code: str, row: Mapping[str, Any], coefficients: list[str]) -> Standards:
    """Return a table of standard values; raises BadStandards unless every row runs one way."""
    weights = tuple(Decimal(one) for one in coefficients)
    if len(weights) != len(BAND_NAMES) or list(weights) != sorted(weights, reverse=True):
        raise BadStandards(f"coefficients: {coefficients}; allowed: five, falling")
    values = {}
    for ratio, given in row["values"].items():
        bands = tuple(Decimal(one) for one in given["bands"])
        runs = list(bands) in (sorted(bands), sorted(bands, reverse=True))
        if len(bands) != len(BAND_NAMES) or not runs or len(set(bands)) != len(bands):
            raise BadStandards(f"{ratio}: {given['bands']}; allowed: five, rising or falling")
        values[ratio] = Standard(
            code=ratio, label=given["label"], unit=Decimal(given["unit"]), bands=bands
        )
    return Standards(
        code=code,
        label=row["label"],
        source=row["source"],
        coefficients=weights,
        values=values,
    )
