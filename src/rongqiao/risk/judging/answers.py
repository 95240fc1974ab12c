"""The features an application gives by itself: from its answers and the party's history here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from rongqiao.policies.credit.facts import Facts
from rongqiao.risk.judging.features import Feature, Value

# What the platform knows of the party's loans here; everything else is the applicant's answer.
OF_PLATFORM = frozenset(
    {"days-past-due", "days-past-due-worst", "outstanding", "loans-live", "loans-closed"}
)


def values_of(facts: Facts) -> dict[str, Value]:
    """Return what a policy may look at, by name; amounts in yuan, time in months and years."""
    history = facts.history
    # Whoever never borrowed here was never late: that is not known, which is not the same as none.
    has_history = history.loans_live + history.loans_closed + history.days_past_due_worst > 0
    income = facts.monthly_income.minor
    debt = facts.monthly_debt_service.minor
    revenue = facts.revenue_annual
    return {
        "born-on": facts.born_on,
        "age": None if facts.born_on is None else Decimal(age_on(facts.born_on, facts.on)),
        "months-established": Decimal(facts.months_established),
        "monthly-income": Decimal(income) / 100,
        "monthly-debt-service": Decimal(debt) / 100,
        "revenue-annual": None if revenue is None else Decimal(revenue.minor) / 100,
        "debt-share": Decimal(debt) / income if income > 0 else Decimal(1),
        "employment": facts.employment,
        "housing": facts.housing,
        "sector": facts.sector,
        "days-past-due": Decimal(history.days_past_due),
        "days-past-due-worst": Decimal(history.days_past_due_worst) if has_history else None,
        "outstanding": Decimal(history.outstanding.minor) / 100,
        "loans-live": Decimal(history.loans_live),
        "loans-closed": Decimal(history.loans_closed),
    }


def features_from(values: Mapping[str, Value], at: datetime) -> tuple[Feature, ...]:
    """Return the values as features known at `at`."""
    return tuple(
        Feature(
            name=name,
            value=value,
            as_of=at,
            source="platform" if name in OF_PLATFORM else "answers",
        )
        for name, value in values.items()
    )


def age_on(born_on: date, on: date) -> int:
    """Return completed years of life; somebody born on 29 February has aged on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
