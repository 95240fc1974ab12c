"""The credit policies that come with the platform, as documents; `risk` reads and applies them.

Their tables are small and hand-made so that everybody can read them. They were not trained on
Chinese data and say so wherever they are shown.
"""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any


class NoPolicy(LookupError):
    """No policy of that code was in force on the date."""


def document_on(code: str, on: date) -> bytes:
    """Return the text of the policy `code` in force on a date; raises NoPolicy."""
    in_force = [row for row in _index().get(code, []) if date.fromisoformat(row["from"]) <= on]
    if not in_force:
        raise NoPolicy(f"no credit policy {code!r} on {on}")
    return _text(max(in_force, key=lambda row: row["from"])["document"])


def known_policies() -> tuple[str, ...]:
    """Return the codes of the policies that exist."""
    return tuple(_index())


def with_outside_sources(document: dict[str, Any]) -> dict[str, Any]:
    """Return a policy's document with the rules on what outside sources tell of such a party.

    Of persons court records and an outside score, of firms court records, the register, taxes and
    invoices. The test cases come along, each an existing case with more features. Whoever wants the
    rules proposes them, and another person releases them; no version comes with them by itself.
    """
    added = json.loads(_text("outside.json"))[document["party_kind"]]
    # What the sources tell of somebody against whom they have nothing.
    calm = added.get("calm", {})
    known = {
        one["name"]: {**one, "features": {**calm, **one["features"]}} for one in document["tests"]
    }
    trials = [
        {
            "name": one["name"],
            "case": known[one["like"]]["case"],
            "features": {**known[one["like"]]["features"], **one["features"]},
            "expect": one["expect"],
        }
        for one in added["tests"]
    ]
    return {
        **document,
        "features": [*document["features"], *added["features"]],
        "tables": [added["table"], *document["tables"]],
        "reasons": [*document["reasons"], *added["reasons"]],
        "tests": [*known.values(), *trials],
    }


def outside_rules_fit(document: dict[str, Any]) -> bool:
    """Tell whether a document has none of these rules yet, and the cases that theirs are like."""
    added = json.loads(_text("outside.json"))[document["party_kind"]]
    there = (
        {one["name"] for one in document["features"]}
        | {one["code"] for one in document["reasons"]}
        | {one["code"] for one in document["tables"]}
    )
    new = [one["name"] for one in added["features"]] + [one["code"] for one in added["reasons"]]
    names = {one["name"] for one in document["tests"]}
    is_new = there.isdisjoint({*new, added["table"]["code"]})
    return is_new and names >= {one["like"] for one in added["tests"]}


@cache
def _text(name: str) -> bytes:
    return files("rongqiao.policies.credit").joinpath(name).read_bytes()


@cache
def _index() -> dict[str, Any]:
    index: dict[str, Any] = json.loads(_text("policies.json"))["policies"]
    return index
