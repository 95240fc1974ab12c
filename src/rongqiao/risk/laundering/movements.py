"""What the patterns look at: movements of money of one customer, and what is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True)
class Movement:
    """Money in or out of a customer's wallet on a business date; `minor` above zero, in fen.

    `counterparty` tells equal ones apart and no more (a keyed digest, or `party:<id>` for another
    customer); `channel` is transfer, cash, cross-border, or loan for money of a loan of ours.
    """

    party: str
    on: date
    minor: int
    is_in: bool
    channel: str = "transfer"
    counterparty: str = ""
    is_third_party: bool = False
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What is known of a customer: kind, stated monthly income in fen, and who is linked."""

    party: str
    kind: str = "person"
    income_minor: int | None = None
    linked: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A pattern met by a customer: its code, the days it covers, facts, and what it rests on.

    `facts` are plain texts for a sentence; `references` name movements. `score` is 0 to 1.
    """

    pattern: str
    party: str
    since: date
    until: date
    facts: tuple[tuple[str, str], ...]
    references: tuple[str, ...]
    score: float


def with_outside(movements: Iterable[Movement]) -> list[Movement]:
    """Return the movements that crossed to the outside: not those of loans of ours."""
    return [one for one in movements if one.channel != "loan"]


def within(movements: Sequence[Movement], until: date, days: int) -> list[Movement]:
    """Return the movements of the `days` days that end with `until`."""
    first = until - timedelta(days=days - 1)
    return [one for one in movements if first <= one.on <= until]
