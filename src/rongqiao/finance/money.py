"""Money: an integer of minor units (fen) in one currency, and the only door from decimal text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

MINOR_DIGITS = {"CNY": 2}
# A bigint holds 9.2e18 fen; amounts stay far below, so that sums of them hold too.
LARGEST_MINOR = 10**15
_DECIMAL = re.compile(r"-?\d{1,14}(\.\d{1,2})?", re.ASCII)


class BadAmount(ValueError):
    """The text is no amount of money; the message says what is allowed."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` fen of `currency`. Amounts of two currencies never mix."""

    minor: int
    currency: str = "CNY"

    @classmethod
    def zero(cls, currency: str = "CNY") -> Money:
        """Return nothing, in `currency`."""
        return cls(0, currency)

    @classmethod
    def yuan(cls, text: str) -> Money:
        """Return the amount that decimal text such as `"1234.50"` names.

        Raises BadAmount for anything but ASCII digits with at most two decimals.
        """
        if not _DECIMAL.fullmatch(text):
            raise BadAmount(f"{text!r} is not an amount in yuan with at most two decimals")
        minor = int(Decimal(text) * 100)
        if abs(minor) > LARGEST_MINOR:
            raise BadAmount(f"{text!r} is more than {LARGEST_MINOR // 100} yuan")
        return cls(minor)

    def text(self) -> str:
        """Return decimal text in yuan, always with two decimals: `"-0.05"`, `"1234.50"`."""
        sign = "-" if self.minor < 0 else ""
        whole, rest = divmod(abs(self.minor), 100)
        return f"{sign}{whole}.{rest:02d}"

    def __add__(self, other: Money) -> Money:
        """Sum of two amounts of one currency."""
        assert self.currency == other.currency, (self, other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Difference of two amounts of one currency."""
        assert self.currency == other.currency, (self, other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        """The same amount, owed the other way."""
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        """Whether it is anything at all."""
        return self.minor != 0
