"""The chart of accounts: family and book of a code, how low it may go, how its balance is kept.

Domain.md, section 3. A code is a name, or a prefix with what the account is for after a colon.

Two books stand in one ledger. The custody book is client money: what the custodian bank holds
equals the wallets, what is not yet assigned, the reserve fund and the operator's own money in the
pool; it sums to zero by itself (law 8), so no client's money can be lent. The own book is the rest.
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


class Book(StrEnum):
    """Whose money a line tells: held for clients at the custodian, or the operator's own."""

    CUSTODY = "custody"
    OWN = "own"


class Mode(StrEnum):
    """How the balance of a line's accounts is kept (ledger.md, 10)."""

    # The account's row changes with every posting.
    PLAIN = "plain"
    # The row is left alone: its balance is brought up to date later, what came since is added when
    # read. For what everybody posts to and nothing limits.
    ROLLED = "rolled"
    # Sixteen sub-accounts behind one code, so that debits held to a floor need not stand in line.
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chart. Where `has_floor`, the balance less what is held stays >= 0."""

    family: Family
    book: Book = Book.OWN
    mode: Mode = Mode.ROLLED
    of_platform: bool = True
    has_floor: bool = False

    def __post_init__(self) -> None:
        """A balance that is summed up later cannot be held to a floor; a split one always is."""
        assert self.mode is not Mode.ROLLED or not self.has_floor, self
        assert self.mode is not Mode.SPLIT or self.has_floor, self


def _client_money(mode: Mode, **options: bool) -> Line:
    return Line(Family.LIABILITY, Book.CUSTODY, mode, **options)


# Accounts that stand alone.
NAMED = {
    "custodian-cash": Line(Family.ASSET, Book.CUSTODY),
    "suspense": _client_money(Mode.PLAIN),
    "reserve-fund": _client_money(Mode.SPLIT, has_floor=True),
    # The operator's own money in the pool; its other side in the own book is the next line.
    "operator-funds": _client_money(Mode.SPLIT, has_floor=True),
    # Own money set aside for a transfer out of the pool that the bank has not ended.
    "transfers-underway": _client_money(Mode.PLAIN, has_floor=True),
    "funds-at-custodian": Line(Family.ASSET),
    "operator-capital": Line(Family.EQUITY, mode=Mode.PLAIN, has_floor=True),
    # The other side of loans taken over from another system, until officers settle by a journal of
    # their own what was paid for them or put in with them.
    "portfolio-taken-over": Line(Family.EQUITY),
    "bank-charges": Line(Family.EXPENSE),
    "marketing-expense": Line(Family.EXPENSE),
    "reconciliation-differences": Line(Family.EXPENSE),
}
# Accounts of which there is one per party or product, written `prefix:id`.
PREFIXED = {
    "wallet": _client_money(Mode.PLAIN, of_platform=False, has_floor=True),
    "loan-principal": Line(Family.ASSET),
    "interest-receivable": Line(Family.ASSET),
    "penalty-receivable": Line(Family.ASSET),
    "fee-receivable": Line(Family.ASSET),
    # Taken off the assets above: a credit, which write-offs cannot draw below nothing.
    "loan-loss-allowance": Line(Family.ASSET, mode=Mode.PLAIN, has_floor=True),
    # For sums agreed but undrawn: nothing is owed on them yet, so it is no part of the assets.
    "commitment-provision": Line(Family.LIABILITY, mode=Mode.PLAIN, has_floor=True),
    "interest-income": Line(Family.INCOME),
    "penalty-income": Line(Family.INCOME),
    "fee-income": Line(Family.INCOME),
    "write-off": Line(Family.EXPENSE),
    "provision": Line(Family.EXPENSE),
}


def line_of(code: str) -> Line | None:
    """Return the line of the chart that a code belongs to, or None if it belongs to none."""
    prefix, colon, rest = code.partition(":")
    if not colon:
        return NAMED.get(code)
    return PREFIXED.get(prefix) if rest else None
