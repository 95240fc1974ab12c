"""Pure: how a case stands against its policy, and when an officer goes against the system's word.

The system's word is what the automatic decision said of the case: to lend at an amount and a grade,
to ask a person, or not to lend. Asking a person because of the size alone means that every
criterion was met.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from rongqiao.finance.money import Money

# Said of a case that met every criterion: what remains is who may decide on that much.
FORMAL = frozenset({"amount-needs-a-person", "within-policy"})


@dataclass(frozen=True, kw_only=True)
class Word:
    """The automatic decision: outcome (`approve`, `refer`, `decline`), its terms, why."""

    outcome: str
    amount: Money | None
    grade: str
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Lending:
    """What an officer would lend; `grades` are the product's, safest first."""

    amount: Money
    grade: str
    grades: tuple[str, ...]


def failed(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the codes of the criteria that were not met, in their order."""
    return tuple(code for code in codes if code not in FORMAL)


def margin(score: int | None, line: int | None) -> int | None:
    """Return the points a score is above the line of automatic approval; None without either."""
    return None if score is None or line is None else score - line


def against_by_lending(word: Word, lent: Lending) -> str:
    """Return how lending on these terms goes against the system's word; nothing where it does not.

    Lending what it would not is the gravest, then more than it found bearable, then at the rate of
    a safer grade than it found.
    """
    if word.outcome == "decline":
        return "despite-decline"
    if word.amount is not None and lent.amount > word.amount:
        return "more-than-system"
    if word.grade in lent.grades and lent.grade in lent.grades:
        is_safer = lent.grades.index(lent.grade) < lent.grades.index(word.grade)
        return "better-grade" if is_safer else ""
    return ""


def against_by_declining(word: Word) -> str:
    """Return how declining goes against the system's word; nothing where it does not."""
    is_clean = word.outcome != "decline" and not failed(word.codes)
    return "despite-criteria-met" if is_clean else ""


def share_of(part: int, whole: int) -> Decimal | None:
    """Return a part of the whole as a fraction to four places; None of nothing."""
    return None if whole == 0 else (Decimal(part) / whole).quantize(Decimal("0.0001"))
