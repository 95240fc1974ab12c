"""Past cases as columns, what a policy says of each, and what a case is worth to the lender.

What became of a case is known only where it was lent: the outcome of a declined one is nobody's to
know. It stays unknown here and counts in no headline figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

APPROVE, REFER, DECLINE = 0, 1, 2
VERDICTS = ("approve", "refer", "decline")
UNKNOWN, GOOD, BAD = -1, 0, 1

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """What the cases themselves do not tell; shown beside every figure that rests on it.

    `loss_share` is the part of the principal lost of a bad loan whose own loss is not known,
    `funding_rate_annual` what the money costs a year, `cost_each` what handling a loan costs.
    `reject_multiple`: how many times as bad as known cases of the same score the unknown ones are
    taken to be at the far end of the band (parcelling).
    """

    loss_share: Decimal = Decimal("0.60")
    funding_rate_annual: Decimal = Decimal("0.04")
    cost_each_minor: int = 100_00
    reject_multiple: Decimal = Decimal(2)


@dataclass(frozen=True, kw_only=True)
class Cases:
    """One column a fact, all of one length; amounts in fen, rates as yearly fractions.

    `months` is the month of the decision as year*12 + month-1. `was_lent` tells who got the money
    then; `outcome` is GOOD, BAD or UNKNOWN. `lent`, `rate`, `interest`, `fee`, `loss` are what the
    loan really was and brought, 0 where it is not known from books.
    """

    references: Sequence[str]
    months: Whole
    asked: Whole
    term_months: Whole
    was_lent: Flags
    outcome: Whole
    lent: Whole
    rate: Real
    interest: Whole
    fee: Whole
    loss: Whole

    def __len__(self) -> int:
        """Return how many cases there are."""
        return len(self.references)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What one policy says of each case; `amount` is what fits, were the case let in."""

    verdict: Whole
    score: Real
    grade: Words
    rate: Real
    amount: Whole
    reason: Words

    def accepted(self, cases: Cases) -> Flags:
        """Return who is let in: approved, or referred and lent to then by the person who looked."""
        return lets_in(self.verdict, cases)


def lets_in(verdict: Whole, cases: Cases) -> Flags:
    """Return who is let in where the verdicts are these."""
    is_in = (verdict == APPROVE) | ((verdict == REFER) & cases.was_lent)
    return np.asarray(is_in, np.bool_)


@dataclass(frozen=True)
class Worth:
    """What each case brings and costs under one policy, in fen; not rounded case by case."""

    interest: Real
    fee: Real
    loss: Real
    cost: Real

    @property
    def profit(self) -> Real:
        """Return what is left of each case."""
        return self.interest + self.fee - self.loss - self.cost


def worth_of(cases: Cases, judged: Judged, is_bad: Flags, given: Assumptions) -> Worth:
    """Return the worth of each case were it lent as `judged` says and ended as `is_bad` says.

    A loan of the books counts with what it really brought, in proportion to amount and rate. For
    the others interest is that of equal principal parts, amount x rate x (terms + 1) / 24; a bad
    one pays none and loses `loss_share`.
    """
    amount = judged.amount.astype(np.float64)
    is_booked = (cases.lent > 0) & (is_bad == (cases.outcome == BAD)) & (cases.outcome != UNKNOWN)
    share = np.divide(amount, cases.lent, out=np.zeros_like(amount), where=is_booked)
    dearer = np.divide(
        judged.rate, cases.rate, out=np.ones_like(amount), where=is_booked & (cases.rate > 0)
    )
    months = (cases.term_months + 1) / 2
    planned = np.where(is_bad, 0.0, amount * judged.rate * months / 12)
    lost = np.where(is_bad, amount * float(given.loss_share), 0.0)
    funding = amount * float(given.funding_rate_annual) * months / 12
    return Worth(
        interest=np.where(is_booked, cases.interest * share * dearer, planned),
        fee=np.where(is_booked, cases.fee * share, 0.0),
        loss=np.where(is_booked, cases.loss * share, lost),
        cost=funding + given.cost_each_minor,
    )


def chance_of_bad(cases: Cases, score: Real, bands: int = 10) -> Real:
    """Return for each case the share of bad ones among known cases of like score.

    Like score: the same of `bands` bands of equally many known cases. A band without a known case
    cannot be; without any known case at all every chance is 0.
    """
    is_known = cases.outcome != UNKNOWN
    if not is_known.any():
        return np.zeros(len(cases))
    filled = np.where(np.isnan(score), -np.inf, score)
    known = filled[is_known]
    inner = np.quantile(known, np.linspace(0, 1, bands + 1)[1:-1], method="inverted_cdf")
    edges = np.unique(inner)
    places = np.searchsorted(edges, filled, side="left")
    bad = np.bincount(places[is_known], cases.outcome[is_known] == BAD, len(edges) + 1)
    count = np.bincount(places[is_known], minlength=len(edges) + 1)
    overall = float((cases.outcome[is_known] == BAD).mean())
    rates = np.divide(bad, count, out=np.full(len(edges) + 1, overall), where=count > 0)
    return np.asarray(rates[places], np.float64)
