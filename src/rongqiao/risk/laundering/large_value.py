"""Large-value reports: what a customer moved on one day, by the lines of the rule in force. Pure.

A line is met by one movement or by the sum of a day, in or out apart, and its threshold counts as
met when it is reached exactly (aml_thresholds.json: ">= is inclusive").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rongqiao.risk.laundering.movements import Movement
from rongqiao.risk.laundering.thresholds import large_values_on


@dataclass(frozen=True, kw_only=True)
class LargeSum:
    """What has to be reported of a customer's day: code, direction, how much, which movements."""

    code: str
    party: str
    on: date
    is_in: bool
    minor: int
    count: int
    references: tuple[str, ...]


def large_sums(movements: Iterable[Movement], kinds: dict[str, str]) -> tuple[LargeSum, ...]:
    """Return what has to be reported, by customer, day, code and direction.

    `kinds` tells for each customer whether it is a person or an organization.
    """
    days: dict[tuple[str, date, bool, str], list[Movement]] = defaultdict(list)
    for one in movements:
        days[one.party, one.on, one.is_in, one.channel].append(one)
    found = []
    for (party, on, is_in, channel), own in sorted(days.items(), key=lambda pair: pair[0]):
        total = sum(one.minor for one in own)
        for line in large_values_on(on):
            fits = line.channel == channel and line.who in ("any", kinds.get(party, "person"))
            if fits and total >= line.least_minor:
                found.append(
                    LargeSum(
                        code=line.code,
                        party=party,
                        on=on,
                        is_in=is_in,
                        minor=total,
                        count=len(own),
                        references=tuple(one.reference for one in own if one.reference),
                    )
                )
    return tuple(found)
