"""The chart of accounts: which family a code belongs to, and how low its balance may go.

Domain.md, section 3. A code is a name, or a prefix with what the account is for after a colon.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """The five families of double entry."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSE = "expense"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chart. Where `has_floor`, the balance less what is held stays >= 0."""

    family: Family
    of_platform: bool = True
    has_floor: bool = False


# Accounts that stand alone.
NAMED = {
    "custodian-cash": Line(Family.ASSET),
    "operator-capital": Line(Family.EQUITY, has_floor=True),
    "suspense": Line(Family.LIABILITY),
}
# Accounts of which there is one per party or product, written `prefix:id`.
PREFIXED = {
    "wallet": Line(Family.LIABILITY, of_platform=False, has_floor=True),
    "loan-principal": Line(Family.ASSET),
    "interest-receivable": Line(Family.ASSET),
    "penalty-receivable": Line(Family.ASSET),
    "fee-receivable": Line(Family.ASSET),
    "interest-income": Line(Family.INCOME),
    "penalty-income": Line(Family.INCOME),
    "fee-income": Line(Family.INCOME),
}


def line_of(code: str) -> Line | None:
    """Return the line of the chart that a code belongs to, or None if it belongs to none."""
    prefix, colon, rest = code.partition(":")
    if not colon:
        return NAMED.get(code)
    return PREFIXED.get(prefix) if rest else None
