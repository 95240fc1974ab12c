"""The plain facts a credit policy judges: what is asked, by whom, with what means and history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongqiao.finance.money import Money


@dataclass(frozen=True, kw_only=True)
class PlatformHistory:
    """How a party paid here: the one fact servicing knows and origination does not."""

    days_past_due: int
    days_past_due_worst: int
    outstanding: Money
    loans_live: int
    loans_closed: int


NO_HISTORY = PlatformHistory(
    days_past_due=0, days_past_due_worst=0, outstanding=Money(0), loans_live=0, loans_closed=0
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One case. `monthly_income` is a person's net income or a firm's net operating cash inflow.

    `months_established` counts a person's time in the present work, a firm's time in business.
    Facts that do not apply to the kind of party are None.
    """

    on: date
    party_kind: str
    amount: Money
    term_months: int
    monthly_income: Money
    monthly_debt_service: Money
    months_established: int
    history: PlatformHistory
    born_on: date | None = None
    employment: str | None = None
    housing: str | None = None
    sector: str | None = None
    revenue_annual: Money | None = None


@dataclass(frozen=True)
class GradeRate:
    """The annual rate (a fraction) that a product asks of one risk grade."""

    grade: str
    rate_annual: Decimal


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a product offers: its ranges and its rate for each grade, safest first."""

    amount_min: Money
    amount_max: Money
    grades: tuple[GradeRate, ...]

    def rate_of(self, grade: str) -> Decimal:
        """Return the rate of a grade; a grade the product does not name gets its dearest rate."""
        rates = {one.grade: one.rate_annual for one in self.grades}
        return rates.get(grade, self.grades[-1].rate_annual)
