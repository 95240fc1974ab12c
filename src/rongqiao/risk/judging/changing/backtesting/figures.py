"""The figures of a set of cases under one policy: rates, losses, profit, and how sure they are.

The headline counts cases whose outcome is known. Those let in whose outcome nobody knows are
counted, and what they might have brought is told as a band (fuzzy augmentation: each unknown case
is good and bad in parts, by the bad rate of known cases of like score, and at the far end by
`reject_multiple` times that). The band is a sensitivity and no estimate.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

import numpy as np

from rongqiao.finance.money import Money
from rongqiao.risk.judging.changing.backtesting.cases import (
    APPROVE,
    BAD,
    DECLINE,
    REFER,
    UNKNOWN,
    Assumptions,
    Cases,
    Flags,
    Judged,
    Real,
    Worth,
    chance_of_bad,
    worth_of,
)

# Of the normal distribution: 95 % lie within so many standard deviations.
_Z = 1.959963984540054


@dataclass(frozen=True, kw_only=True)
class Band:
    """Loss and profit of all that are let in, the unknown ones at `low` and `high` badness."""

    loss_low: Money
    loss_high: Money
    profit_low: Money
    profit_high: Money


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What a policy makes of a set of cases. Shares are fractions, None where nothing is counted.

    `accepted` are approved ones and those referred that a person lent to then. Amounts under
    `band` cover all accepted cases, the other amounts those with a known outcome.
    """

    cases: int
    approved: int
    referred: int
    declined: int
    accepted: int
    known: int
    bad: int
    amount: Money
    amount_unknown: Money
    interest: Money
    fee: Money
    loss: Money
    cost: Money
    profit: Money
    approval_rate: Decimal | None
    referral_rate: Decimal | None
    decline_rate: Decimal | None
    accept_rate: Decimal | None
    bad_rate: Decimal | None
    bad_rate_low: Decimal | None
    bad_rate_high: Decimal | None
    band: Band


@dataclass(frozen=True, kw_only=True)
class Reckoned:
    """Columns that every figure of one policy is summed from; reckoned once."""

    cases: Cases
    judged: Judged
    accepted: Flags
    known: Flags
    bad: Flags
    actual: Worth
    loss_band: tuple[Real, Real]
    profit_band: tuple[Real, Real]


def reckon(cases: Cases, judged: Judged, given: Assumptions) -> Reckoned:
    """Return the columns of one policy."""
    known = np.asarray(cases.outcome != UNKNOWN, np.bool_)
    bad = np.asarray(cases.outcome == BAD, np.bool_)
    actual = worth_of(cases, judged, bad, given)
    if_good = worth_of(cases, judged, np.zeros(len(cases), np.bool_), given)
    if_bad = worth_of(cases, judged, np.ones(len(cases), np.bool_), given)
    chance = chance_of_bad(cases, judged.score)
    losses, profits = [], []
    for multiple in (1.0, float(given.reject_multiple)):
        part = np.minimum(chance * multiple, 1.0)
        losses.append(np.where(known, actual.loss, part * if_bad.loss))
        mixed = part * if_bad.profit + (1 - part) * if_good.profit
        profits.append(np.where(known, actual.profit, mixed))
    return Reckoned(
        cases=cases,
        judged=judged,
        accepted=judged.accepted(cases),
        known=known,
        bad=bad,
        actual=actual,
        loss_band=(losses[0], losses[1]),
        profit_band=(profits[1], profits[0]),
    )


def figures_of(all_of: Reckoned, within: Flags, accepted: Flags | None = None) -> Figures:
    """Return the figures of the cases `within`; `accepted` replaces who is let in."""
    taken = (all_of.accepted if accepted is None else accepted) & within
    counted = taken & all_of.known
    amounts, verdict = all_of.judged.amount, all_of.judged.verdict[within]
    cases, known, bad = int(within.sum()), int(counted.sum()), int((counted & all_of.bad).sum())
    approved, referred = int((verdict == APPROVE).sum()), int((verdict == REFER).sum())
    declined = int((verdict == DECLINE).sum())
    worth = all_of.actual
    low, high = wilson(bad, known)
    return Figures(
        cases=cases,
        approved=approved,
        referred=referred,
        declined=declined,
        accepted=int(taken.sum()),
        known=known,
        bad=bad,
        amount=Money(int(amounts[counted].sum())),
        amount_unknown=Money(int(amounts[taken & ~all_of.known].sum())),
        interest=fen(worth.interest[counted]),
        fee=fen(worth.fee[counted]),
        loss=fen(worth.loss[counted]),
        cost=fen(worth.cost[counted]),
        profit=fen(worth.profit[counted]),
        approval_rate=share(approved, cases),
        referral_rate=share(referred, cases),
        decline_rate=share(declined, cases),
        accept_rate=share(int(taken.sum()), cases),
        bad_rate=share(bad, known),
        bad_rate_low=low,
        bad_rate_high=high,
        band=Band(
            loss_low=fen(all_of.loss_band[0][taken]),
            loss_high=fen(all_of.loss_band[1][taken]),
            profit_low=fen(all_of.profit_band[0][taken]),
            profit_high=fen(all_of.profit_band[1][taken]),
        ),
    )


def fen(values: Real) -> Money:
    """Return the sum of estimates, rounded to the fen once; an estimate is never posted."""
    return Money(round(float(values.sum())))


def share(part: int, whole: int) -> Decimal | None:
    """Return part / whole to six places, None of nothing."""
    return round(Decimal(part) / whole, 6) if whole else None


def wilson(hits: int, trials: int) -> tuple[Decimal | None, Decimal | None]:
    """Return the 95 % interval of a share (Wilson, JASA 22, 1927, p. 209); None of no trial."""
    if not trials:
        return None, None
    rate, z2 = hits / trials, _Z * _Z
    middle = (rate + z2 / (2 * trials)) / (1 + z2 / trials)
    half = _Z * sqrt(rate * (1 - rate) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return round(Decimal(low), 6), round(Decimal(high), 6)
