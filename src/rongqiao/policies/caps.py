"""The cap on what a loan may cost in all, for a lender's role, on a contract date, for a term."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from rongqiao.finance.months import add_months
from rongqiao.policies.lpr import lpr_on
from rongqiao.policies.packs import OperatorRole
from rongqiao.policies.rules import Rule, rule


class NoCapKnown(LookupError):
    """No entry covers that contract date: such a contract cannot be made here."""


@dataclass(frozen=True)
class Cap:
    """The highest all-in annual rate (a fraction), and the rules that say so."""

    rate: Decimal
    rules: tuple[Rule, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of the rules behind the cap."""
        return tuple(one.key for one in self.rules)


def cap_on(role: OperatorRole, contract_date: date, ends_on: date) -> Cap:
    """Return the cap of a contract made on `contract_date` whose last payment falls on `ends_on`.

    Raises NoCapKnown where no dated entry covers the contract date.
    """
    entry = _entry(role, contract_date)
    if "percent" in entry:
        percent = Decimal(entry["percent"])
    elif "short_months" in entry and ends_on <= add_months(contract_date, entry["short_months"]):
        percent = Decimal(entry["short_percent"])
    else:
        percent = Decimal(entry["lpr_multiple"]) * lpr_on(contract_date).one_year * 100
    return Cap(percent / 100, tuple(rule(key) for key in entry["rules"]))


def _entry(role: OperatorRole, contract_date: date) -> dict[str, Any]:
    in_force = [
        entry for entry in _table()[role] if date.fromisoformat(entry["from"]) <= contract_date
    ]
    if not in_force:
        raise NoCapKnown(f"no cap is known for {role.value} on {contract_date}")
    return in_force[-1]


@cache
def _table() -> dict[str, list[dict[str, Any]]]:
    text = files("rongqiao.policies").joinpath("china/caps.json").read_text("utf-8")
    roles: dict[str, list[dict[str, Any]]] = json.loads(text)["roles"]
    return roles
