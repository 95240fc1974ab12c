"""What a portfolio must be provided for by five-tier class: general and special provision. Pure.

Rates of 银行贷款损失准备计提指引 (2002), read at second hand: 1 % of all loans, and 2, 25, 50 and
100 % of special mention, substandard, doubtful and loss. Fen, rounded half-up per class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

GENERAL_PERCENT = 1
SPECIAL_PERCENT = {
    "pass": 0,
    "special-mention": 2,
    "substandard": 25,
    "doubtful": 50,
    "loss": 100,
}
NON_PERFORMING = ("substandard", "doubtful", "loss")


@dataclass(frozen=True, kw_only=True)
class ClassBalance:
    """Principal of one five-tier class as a month ended, in fen."""

    on: date
    risk_class: str
    principal: int


@dataclass(frozen=True, kw_only=True)
class Provision:
    """What one month's end asks for; `special` by class, worst last."""

    on: date
    principal: int
    not_performing: int
    general: int
    special: dict[str, int]

    @property
    def total(self) -> int:
        """General and special together."""
        return self.general + sum(self.special.values())

    @property
    def coverage(self) -> Fraction | None:
        """Provision over non-performing principal; None where there is none."""
        return Fraction(self.total, self.not_performing) if self.not_performing else None


def provisions(balances: Iterable[ClassBalance]) -> tuple[Provision, ...]:
    """Return what every month's end asks for, oldest first. Raises KeyError for no such class."""
    months: dict[date, dict[str, int]] = defaultdict(lambda: dict.fromkeys(SPECIAL_PERCENT, 0))
    for one in balances:
        months[one.on][one.risk_class] += one.principal
    return tuple(
        Provision(
            on=on,
            principal=sum(by_class.values()),
            not_performing=sum(by_class[name] for name in NON_PERFORMING),
            general=_percent(sum(by_class.values()), GENERAL_PERCENT),
            special={name: _percent(by_class[name], SPECIAL_PERCENT[name]) for name in by_class},
        )
        for on, by_class in sorted(months.items())
    )


def _percent(minor: int, percent: int) -> int:
    """Return a whole percentage of fen, half-up."""
    return (minor * percent + 50) // 100
