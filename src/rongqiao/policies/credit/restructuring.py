"""How long a restructured loan is watched, and its best class meanwhile: dated rules.

商业银行金融资产风险分类办法 (2023), articles 20 to 22: see china/restructuring.json and the rows of
china/rules.json it names.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from rongqiao.policies.rules import Rule, rule


class NoWatchRule(LookupError):
    """No entry covers that day: nothing is restructured then."""


@dataclass(frozen=True, kw_only=True)
class WatchRules:
    """The rules of one day: the watch in months, and risk classes by name."""

    months: int
    at_least: str
    again_at_least: str
    rules: tuple[Rule, ...]


def watch_on(day: date) -> WatchRules:
    """Return the rules in force on a day; raises NoWatchRule."""
    standing = [rules for since, rules in entries() if since <= day]
    if not standing:
        raise NoWatchRule(f"no rule on restructured loans is known for {day}")
    return standing[-1]


@cache
def entries() -> tuple[tuple[date, WatchRules], ...]:
    """Return every set of rules with the day it holds from, oldest first."""
    text = files("rongqiao.policies").joinpath("china/restructuring.json").read_text("utf-8")
    return tuple(
        (
            date.fromisoformat(entry["from"]),
            WatchRules(
                months=entry["watch_months"],
                at_least=entry["at_least"],
                again_at_least=entry["again_at_least"],
                rules=tuple(rule(key) for key in entry["rules"]),
            ),
        )
        for entry in json.loads(text)["entries"]
    )
