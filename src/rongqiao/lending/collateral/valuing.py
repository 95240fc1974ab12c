"""What an item can bear and what it covers, in fen. Pure; every amount is rounded down once.

Lending value = value x maximum loan-to-value, less charges of others. Cover = value less haircut,
less charges of others, shared out to pledges in the order of their rank.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from rongqiao.finance.rounding import Mode, Rounding

_DOWN, _UP = Rounding(Mode.DOWN), Rounding(Mode.UP)
PERMYRIAD = 10_000


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """How a kind is judged: fractions of the value, and after how many days a value is stale."""

    haircut: Decimal
    ltv_max: Decimal
    coverage_min: Decimal
    stale_after_days: int

    def is_stale(self, valued_on: date | None, on: date) -> bool:
        """Tell whether a value is too old on a date, or there is none."""
        return valued_on is None or valued_on + timedelta(days=self.stale_after_days) < on


@dataclass(frozen=True, kw_only=True)
class Worth:
    """An item's value by its latest valuation, and the charges of others before ours; in fen."""

    value_minor: int
    prior_minor: int


@dataclass(frozen=True, kw_only=True)
class Charge:
    """One standing pledge on an item: its rank and what it secures, in fen."""

    rank: int
    amount_minor: int


def part_of(minor: int, fraction: Decimal) -> int:
    """Return a fraction of an amount, rounded down to the fen."""
    top, bottom = fraction.as_integer_ratio()
    return _DOWN.of(minor * top, bottom)


def free_value(worth: Worth, yardstick: Yardstick, secured_minor: int) -> int:
    """Return what one more pledge may secure: lending value less all charges, never below 0."""
    lendable = part_of(worth.value_minor, yardstick.ltv_max)
    return max(0, lendable - worth.prior_minor - secured_minor)


def covers(worth: Worth, haircut: Decimal, charges: Iterable[Charge]) -> dict[int, int]:
    """Return what each pledge has behind it, by rank: the earlier ranks are served first.

    No pledge gets more than it secures, nor all together more than the item gives.
    """
    left = max(0, part_of(worth.value_minor, 1 - haircut) - worth.prior_minor)
    found = {}
    for charge in sorted(charges, key=lambda one: one.rank):
        found[charge.rank] = min(left, charge.amount_minor)
        left -= found[charge.rank]
    return found


def net_value(worth: Worth, earlier_minor: int) -> int:
    """Return the value that is left after the charges of others and our earlier ranks."""
    return max(0, worth.value_minor - worth.prior_minor - earlier_minor)


def loan_to_value(debt_minor: int, net_minor: int) -> int | None:
    """Return debt as a share of net value in ten-thousandths, rounded up; None without value.

    Up, so that a loan never looks better secured than it is.
    """
    return _UP.of(debt_minor * PERMYRIAD, net_minor) if net_minor > 0 else None


def coverage(cover_minor: int, debt_minor: int) -> int | None:
    """Return cover as a share of debt in ten-thousandths, rounded down; None without debt."""
    return _DOWN.of(cover_minor * PERMYRIAD, debt_minor) if debt_minor > 0 else None


def is_enough(cover_minor: int, debt_minor: int, coverage_min: Decimal) -> bool:
    """Tell whether cover is at least the required multiple of debt, exactly."""
    return cover_minor >= coverage_min * debt_minor
