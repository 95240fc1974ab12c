"""Journals of double entry, in which nobody handles signs: legs are debits or credits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from rongqiao.finance.money import Money


@dataclass(frozen=True, slots=True)
class Leg:
    """One account's part of a journal; `amount` is above zero for a credit, below for a debit."""

    account: str
    amount: Money


def debit(account: str, money: Money) -> Leg:
    """Return a leg that debits `account` by `money`, which is not below zero."""
    assert money.minor >= 0, (account, money)
    return Leg(account, -money)


def credit(account: str, money: Money) -> Leg:
    """Return a leg that credits `account` by `money`, which is not below zero."""
    assert money.minor >= 0, (account, money)
    return Leg(account, money)


@dataclass(frozen=True, slots=True)
class Journal:
    """Legs that cancel out in every currency: what happened (`kind`), to which `document`, when.

    `value_on` is the business date that the money counts from.
    """

    kind: str
    document: str
    value_on: date
    legs: tuple[Leg, ...]

    def __post_init__(self) -> None:
        """Hold law 1 of the books: at least two legs, none empty, zero per currency."""
        assert len(self.legs) >= 2, self
        assert all(leg.amount for leg in self.legs), self
        sums: dict[str, int] = {}
        for leg in self.legs:
            sums[leg.amount.currency] = sums.get(leg.amount.currency, 0) + leg.amount.minor
        assert not any(sums.values()), self


def journal(kind: str, document: str, value_on: date, legs: Iterable[Leg]) -> Journal | None:
    """Return the journal of these legs without the empty ones, or None where nothing moves."""
    moving = tuple(leg for leg in legs if leg.amount)
    return Journal(kind, document, value_on, moving) if moving else None
