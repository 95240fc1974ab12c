"""A credit policy: dated limits, a points table and the pauses before applying again.

The tables are small and hand-made so that everybody can read them. They were not trained on
Chinese data and say so wherever they are shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from rongqiao.finance.money import Money


class NoPolicy(LookupError):
    """No policy of that code was in force on the date."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The numbers of the rules. Shares are fractions of monthly income."""

    age_min: int
    age_max_at_end: int
    months_established_min: int
    burden_max: Decimal
    burden_comfortable: Decimal
    income_months_max: int
    revenue_share_max: Decimal | None
    automatic_amount_max: Money
    days_past_due_refer: int
    days_past_due_decline: int
    loans_live_max: int
    score_min: int
    score_refer_below: int
    sectors_excluded: tuple[str, ...]
    sectors_referred: tuple[str, ...]
    employments_excluded: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Characteristic:
    """One line of the points table: by lower bounds of a number, or by words.

    `bounds` is ascending; a value below the first bound, unknown or not listed gets `missing`.
    """

    name: str
    bounds: tuple[tuple[Decimal, int], ...]
    words: tuple[tuple[str, int], ...]
    missing: int

    @property
    def best(self) -> int:
        """Return the most points this line can give."""
        given = [points for _, points in self.bounds] + [points for _, points in self.words]
        return max([*given, self.missing])

    def points(self, value: Decimal | str | None) -> int:
        """Return the points of a value."""
        if isinstance(value, str):
            return dict(self.words).get(value, self.missing)
        reached = [points for bound, points in self.bounds if value is not None and value >= bound]
        return reached[-1] if reached else self.missing


@dataclass(frozen=True, kw_only=True)
class CreditPolicy:
    """One dated version of one policy."""

    code: str
    version: str
    points_version: str
    in_force_from: date
    party_kind: str
    origin: str
    limits: Limits
    score_start: int
    characteristics: tuple[Characteristic, ...]
    # Lowest score of each grade, safest first.
    grades: tuple[tuple[str, int], ...]
    pause_days: tuple[tuple[str, int], ...]

    def pause_after(self, reason: str) -> int:
        """Return how many days to wait before applying again after this reason; 0 if none."""
        return dict(self.pause_days).get(reason, 0)


def policy_on(code: str, on: date) -> CreditPolicy:
    """Return the policy `code` in force on a date; raises NoPolicy."""
    in_force = [one for one in _versions(code) if one.in_force_from <= on]
    if not in_force:
        raise NoPolicy(f"no credit policy {code!r} on {on}")
    return in_force[-1]


def known_policies() -> tuple[str, ...]:
    """Return the codes of the policies that exist."""
    return tuple(_documents())


@cache
def _documents() -> dict[str, Any]:
    text = files("rongqiao.policies.credit").joinpath("policies.json").read_text("utf-8")
    documents: dict[str, Any] = json.loads(text)["policies"]
    return documents


@cache
def _versions(code: str) -> tuple[CreditPolicy, ...]:
    rows = _documents().get(code, [])
    return tuple(sorted((_read(code, row) for row in rows), key=lambda one: one.in_force_from))


def _read(code: str, row: dict[str, Any]) -> CreditPolicy:
    table = row["points"]
    return CreditPolicy(
        code=code,
        version=row["version"],
        points_version=table["version"],
        in_force_from=date.fromisoformat(row["from"]),
        party_kind=row["party_kind"],
        origin=table["origin"],
        limits=_limits(row["limits"]),
        score_start=table["start"],
        characteristics=tuple(_characteristic(line) for line in table["lines"]),
        grades=tuple((grade, lowest) for grade, lowest in table["grades"]),
        pause_days=tuple(row["pause_days"].items()),
    )


def _limits(row: dict[str, Any]) -> Limits:
    share = row["revenue_share_max"]
    return Limits(
        **{
            **row,
            "burden_max": Decimal(row["burden_max"]),
            "burden_comfortable": Decimal(row["burden_comfortable"]),
            "revenue_share_max": None if share is None else Decimal(share),
            "automatic_amount_max": Money.yuan(row["automatic_amount_max"]),
            "sectors_excluded": tuple(row["sectors_excluded"]),
            "sectors_referred": tuple(row["sectors_referred"]),
            "employments_excluded": tuple(row["employments_excluded"]),
        }
    )


def _characteristic(line: dict[str, Any]) -> Characteristic:
    return Characteristic(
        name=line["name"],
        bounds=tuple((Decimal(bound), points) for bound, points in line.get("bounds", [])),
        words=tuple(line.get("words", {}).items()),
        missing=line["missing"],
    )
