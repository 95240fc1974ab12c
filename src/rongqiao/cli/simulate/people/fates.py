"""What befalls a loan beside its instalments: drawn from the seed and the loan's name alone.

The shares are the simulation's own, high enough that a year of some hundred loans meets each.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from rongqiao.cli.simulate.people.profiles import Conduct, Habit

PREPAYS_PART, MISBOOKED, DISPUTED, RELIEVED, RECOVERS = 0.15, 0.06, 0.12, 0.40, 0.60
EARLY_INSTALMENTS = 6
# What comes back of a lost loan comes after some days, and before so many.
RETURNS_BEFORE = 60


@dataclass(frozen=True, kw_only=True)
class Fate:
    """Nothing of all this befalls most loans.

    `part_after` days from lending `part_percent` of the principal is paid early, to shorten the
    plan or to lower it. The payment of instalment `misbooked` is taken back as an operator's error
    and put right; the debit of instalment `disputed` is contested. What gathers as penalty
    interest is waived where `is_relieved`. 0 is never.
    """

    part_after: int = 0
    part_percent: int = 0
    is_shortened: bool = False
    misbooked: int = 0
    disputed: int = 0
    is_relieved: bool = False


@dataclass(frozen=True, kw_only=True)
class Return:
    """So many days after a loan was written off, this share of it is paid after all."""

    after: int
    percent: int


def fate_of(seed: int, loan: str, conduct: Conduct, terms: int) -> Fate:
    """Return the fate of the loan called `loan`, of `terms` instalments, paid as `conduct` says."""
    draw = random.Random(f"{seed}/fate/{loan}")  # noqa: S311 - nothing is secret here
    parts = (draw.random() < PREPAYS_PART, draw.randrange(3, 25 * max(2, terms)))
    percent, is_shortened = draw.choice((10, 25, 40)), draw.random() < 0.5
    no = draw.randrange(1, min(terms, EARLY_INSTALMENTS) + 1)
    meets, is_relieved = draw.random(), draw.random() < RELIEVED
    is_debited = conduct.habit is Habit.DEBIT
    return Fate(
        part_after=parts[1] if parts[0] and conduct.habit is not Habit.STOPS else 0,
        part_percent=percent,
        is_shortened=is_shortened,
        misbooked=no if not is_debited and meets < MISBOOKED else 0,
        disputed=no if is_debited and meets < DISPUTED else 0,
        is_relieved=is_relieved,
    )


def return_of(seed: int, loan: str) -> Return | None:
    """Return what comes back of a loan that was written off, None where nothing does."""
    draw = random.Random(f"{seed}/return/{loan}")  # noqa: S311 - nothing is secret here
    found = Return(after=draw.randrange(5, RETURNS_BEFORE), percent=draw.choice((10, 30, 100)))
    return found if draw.random() < RECOVERS else None
