"""Who a borrower is, what they ask for and how they pay: everything is drawn before day one.

A profile is a plain value. Whatever happens later follows from it and from the platform's own
answers, so that a life can be lived again, or taken up where it was interrupted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from rongqiao.finance.money import Money


class Habit(StrEnum):
    """How a borrower pays."""

    PROMPT = "prompt"
    DEBIT = "debit"
    LATE = "late"
    STOPS = "stops"
    PREPAYS = "prepays"


class Course(StrEnum):
    """How far an application goes; the later stops leave something for staff to see."""

    WHOLE = "whole"
    DRAFT = "draft"
    WAITS_FOR_REVIEW = "waits-for-review"
    WAITS_FOR_APPROVAL = "waits-for-approval"
    APPROVED_ONLY = "approved-only"
    ACCEPTED_ONLY = "accepted-only"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    COUNTERED = "countered"


@dataclass(frozen=True)
class Conduct:
    """`delays` are days after each due date, in turn and over again.

    STOPS pays nothing from instalment `stops_at` on; PREPAYS pays the loan off `prepays_after`
    days from disbursement.
    """

    habit: Habit
    delays: tuple[int, ...] = (0,)
    stops_at: int = 0
    prepays_after: int = 0

    def delay(self, no: int) -> int:
        """Return how many days after its due date instalment `no` is paid."""
        return self.delays[(no - 1) % len(self.delays)]


@dataclass(frozen=True)
class Drawdown:
    """A use of a credit limit: so many days after it was granted, this share of what is left."""

    after: int
    percent: int
    terms: int
    conduct: Conduct


@dataclass(frozen=True)
class Person:
    """A natural person with valid, invented identifiers."""

    user_id: UUID
    name: str
    resident_id: str
    phone: str
    card: str


@dataclass(frozen=True)
class Firm:
    """An enterprise with a valid, invented credit code."""

    name: str
    uscc: str
    account: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One borrower. `arrives` is a day counted from the first; `answers` are the form's steps."""

    number: int
    arrives: int
    person: Person
    firm: Firm | None
    product: str
    amount: Money
    terms: int
    answers: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    conduct: Conduct
    drawdowns: tuple[Drawdown, ...] = ()
    course: Course = Course.WHOLE
