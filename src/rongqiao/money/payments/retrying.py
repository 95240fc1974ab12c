"""When a direct debit that failed is tried again: rules as values, no table and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True)
class RetryRule:
    """Tries on the due day and `days_after` it; `stops_at` are reasons that no waiting mends."""

    days_after: tuple[int, ...]
    most_a_day: int
    stops_at: frozenset[str]


DEBIT_RULE = RetryRule(
    days_after=(0, 1, 3, 5),
    most_a_day=1,
    stops_at=frozenset(
        {"card-closed", "card-unbound", "account-closed", "mandate-withdrawn", "name-mismatch"}
    ),
)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One try: its business date, whether it still runs, and why it failed if it did."""

    on: date
    is_open: bool = False
    has_succeeded: bool = False
    reason: str = ""


def next_try(rule: RetryRule, due_on: date, tried: Sequence[Tried], today: date) -> date | None:
    """Return the business date of the next try, today or later; None if there is none to come.

    None too while a try runs, after a success, and after a reason that no waiting mends. A day
    the platform slept through is made up for on the first day it is awake, not by two tries.
    """
    if any(one.is_open or one.has_succeeded or one.reason in rule.stops_at for one in tried):
        return None
    if len(tried) >= len(rule.days_after):
        return None
    planned = due_on + timedelta(days=rule.days_after[len(tried)])
    day = max(planned, today)
    is_full = sum(one.on == day for one in tried) >= rule.most_a_day
    return day + timedelta(days=1) if is_full else day
