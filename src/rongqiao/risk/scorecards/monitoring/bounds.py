"""From where on a month's figure is watched, and from where it must be acted on, as data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

AMBER, RED = "amber", "red"


@dataclass(frozen=True, kw_only=True)
class Bound:
    """The bounds of one figure: one number, or the two ends it must stay within.

    `compares`: months, training, chances or nothing. `source` is empty where the bound is ours.
    """

    code: str
    compares: str
    watch: tuple[Decimal, ...]
    act: tuple[Decimal, ...]
    source: str

    def level(self, value: float) -> str:
        """Return red, amber, or nothing within the bounds."""
        if self._is_beyond(value, self.act):
            return RED
        return AMBER if self._is_beyond(value, self.watch) else ""

    def _is_beyond(self, value: float, ends: tuple[Decimal, ...]) -> bool:
        if len(ends) == 1:
            return value >= float(ends[0])
        return not float(ends[0]) <= value <= float(ends[1])


def bounds() -> tuple[Bound, ...]:
    """Return every bound in force, in the order they are told."""
    return tuple(_bounds().values())


def bound_of(code: str) -> Bound:
    """Return one figure's bound. Raises KeyError for a figure that has none."""
    return _bounds()[code]


@cache
def _bounds() -> dict[str, Bound]:
    place = files("rongqiao.risk.scorecards.monitoring").joinpath("bounds.json")
    return {
        row["code"]: Bound(
            code=row["code"],
            compares=row["compares"],
            watch=tuple(Decimal(one) for one in row["watch"]),
            act=tuple(Decimal(one) for one in row["act"]),
            source=row["source"],
        )
        for row in json.loads(place.read_text("utf-8"))["bounds"]
    }
