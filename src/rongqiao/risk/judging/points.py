"""Score a case by a policy's points table: start plus one number a line, each line shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongqiao.policies.credit.facts import Facts
from rongqiao.policies.credit.policy import CreditPolicy


@dataclass(frozen=True)
class ScorePart:
    """What one line of the table gave, and the most it can give."""

    name: str
    points: int
    best: int

    @property
    def lost(self) -> int:
        """Return how far the line is from its best."""
        return self.best - self.points


def score(facts: Facts, policy: CreditPolicy) -> tuple[int, tuple[ScorePart, ...]]:
    """Return the score and its parts in the table's order."""
    values = characteristics_of(facts)
    parts = tuple(
        ScorePart(line.name, line.points(values[line.name]), line.best)
        for line in policy.characteristics
    )
    return policy.score_start + sum(part.points for part in parts), parts


def grade_of(points: int, policy: CreditPolicy) -> str:
    """Return the grade of a score; below the lowest step it is the last grade."""
    return next(
        (grade for grade, lowest in policy.grades if points >= lowest), policy.grades[-1][0]
    )


def characteristics_of(facts: Facts) -> dict[str, Decimal | str | None]:
    """Return what the lines of a points table look at, by name; amounts in yuan."""
    history = facts.history
    has_history = history.loans_live + history.loans_closed > 0
    income = facts.monthly_income.minor
    return {
        "age": None if facts.born_on is None else Decimal(age_on(facts.born_on, facts.on)),
        "months-established": Decimal(facts.months_established),
        "monthly-income": Decimal(income) / 100,
        "revenue-annual": (
            None if facts.revenue_annual is None else Decimal(facts.revenue_annual.minor) / 100
        ),
        "debt-share": (
            Decimal(facts.monthly_debt_service.minor) / income if income > 0 else Decimal(1)
        ),
        "employment": facts.employment,
        "housing": facts.housing,
        "sector": facts.sector,
        "loans-closed": Decimal(history.loans_closed),
        "days-past-due-worst": Decimal(history.days_past_due_worst) if has_history else None,
    }


def age_on(born_on: date, on: date) -> int:
    """Return completed years of life; somebody born on 29 February has aged on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
