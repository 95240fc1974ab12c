"""How borrowers pay, drawn at random: the same kinds of people in a simulation and in the seed."""

from __future__ import annotations

import random

from rongqiao.cli.simulate.people.profiles import Conduct, Drawdown, Habit

DELAYS_DRAWN = 12


def good_conduct(draw: random.Random, terms: int) -> Conduct:
    """Return how somebody pays who pays in the end: on the day, by debit, early, or late."""
    kind = draw.random()
    if kind < 0.45:
        return Conduct(Habit.PROMPT)
    if kind < 0.70:
        return Conduct(Habit.DEBIT)
    if kind < 0.85:
        return Conduct(Habit.PREPAYS, prepays_after=draw.randrange(5, max(6, terms * 25)))
    return Conduct(Habit.LATE, delays=_delays(draw, 0.35, (1, 2, 3, 5, 8)))


def bad_conduct(draw: random.Random, terms: int) -> Conduct:
    """Return how somebody pays who gets into arrears: always late, or not at all from some day."""
    if draw.random() < 0.45:
        return late_conduct(draw)
    return Conduct(Habit.STOPS, delays=_delays(draw, 0.3, (2, 6)), stops_at=_when(draw, terms))


def late_conduct(draw: random.Random) -> Conduct:
    """Return how somebody pays who is always late, by weeks or months, and pays in the end."""
    return Conduct(Habit.LATE, delays=_delays(draw, 0.8, (4, 9, 16, 35, 65, 95)))


def stopping_conduct(draw: random.Random, no: int) -> Conduct:
    """Return how somebody pays who stops at instalment `no`."""
    return Conduct(Habit.STOPS, delays=_delays(draw, 0.3, (2, 6)), stops_at=no)


def drawdowns(draw: random.Random, days: int) -> tuple[Drawdown, ...]:
    """Return how a credit limit is used over `days`: a few drawings, mostly given back early."""
    found: list[Drawdown] = []
    after = draw.randrange(1, 6)
    while after < days and len(found) < 5:
        terms = draw.randrange(1, 7)
        bad = draw.random() < 0.08
        conduct = bad_conduct(draw, 1) if bad else _returned(draw, terms)
        found.append(Drawdown(after, draw.choice((30, 50, 80, 100)), terms, conduct))
        after += terms * 30 + draw.randrange(5, 60)
    return tuple(found)


def _returned(draw: random.Random, terms: int) -> Conduct:
    if draw.random() < 0.6:
        return Conduct(Habit.PREPAYS, prepays_after=draw.randrange(3, terms * 28))
    return Conduct(Habit.PROMPT)


def _delays(draw: random.Random, share: float, choices: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(draw.choice(choices) if draw.random() < share else 0 for _ in range(DELAYS_DRAWN))


def _when(draw: random.Random, terms: int) -> int:
    return draw.randrange(1, max(2, terms))
