"""The steps of an application: which fields each has, what may stand in them, what is missing.

Values come as text, as a form or a JSON body gives them, and are kept as text in one normal form.
Empty means not filled in yet, which a draft may be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rongqiao.finance.money import BadAmount, Money
from rongqiao.lending.products.queries import ProductTerms

EMPLOYMENTS = ("public", "salaried", "self-employed", "freelance", "retired", "none")
HOUSINGS = ("own", "mortgage", "family", "rented")
SECTORS = (
    "agriculture",
    "manufacturing",
    "wholesale-retail",
    "transport",
    "catering",
    "technology",
    "services",
    "construction",
    "education",
    "health",
    "mining",
    "real-estate",
    "finance",
    "other",
)
MONTHS_MOST = 1200
INCOME_MOST = Money.yuan("100000000.00")
REVENUE_MOST = Money.yuan("10000000000.00")
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)

Answers = Mapping[str, Mapping[str, str]]


class BadAnswer(ValueError):
    """A value that cannot stand in its field; `allowed` says what can."""

    def __init__(self, field: str, value: str, allowed: str) -> None:
        super().__init__(field, value, allowed)
        self.field, self.value, self.allowed = field, value[:80], allowed


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: `kind` is money, whole or choice; bounds are included."""

    name: str
    kind: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """Return what may stand here, for the sentence about a wrong value."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "money":
            return f"{Money(self.low).text()} - {Money(self.high).text()}"
        return f"{self.low} - {self.high}"

    def read(self, text: str) -> str:
        """Return the value in its normal form, empty for none; raises BadAnswer."""
        value = text.strip(" ")
        if not value:
            return ""
        if self.kind == "choice":
            if value not in self.choices:
                raise BadAnswer(self.name, value, self.allowed)
            return value
        number = _fen(value) if self.kind == "money" else _whole(value)
        if number is None or not self.low <= number <= self.high:
            raise BadAnswer(self.name, value, self.allowed)
        return Money(number).text() if self.kind == "money" else str(number)


@dataclass(frozen=True)
class Step:
    """One page of the application."""

    name: str
    fields: tuple[Field, ...]


def steps_for(party_kind: str, terms: ProductTerms) -> tuple[Step, ...]:
    """Return the steps a kind of party goes through for a product."""
    loan = Step(
        "loan",
        (
            Field(
                name="amount",
                kind="money",
                low=terms.amount_min.minor,
                high=terms.amount_max.minor,
            ),
            Field(name="term_count", kind="whole", low=terms.term_min, high=terms.term_max),
            Field(name="purpose", kind="choice", choices=terms.purposes),
        ),
    )
    return (loan, *(_FIRM if party_kind == "organization" else _PERSON))


def read_step(step: Step, values: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the values of a step in normal form.

    Raises BadAnswer for a value that cannot be, a field the step does not have, or one given twice.
    """
    fields = {field.name: field for field in step.fields}
    found: dict[str, str] = {}
    for name, text in values:
        if name not in fields or name in found:
            raise BadAnswer(name[:40], text, ", ".join(fields))
        found[name] = fields[name].read(text)
    return found


def missing(steps: Iterable[Step], answers: Answers) -> tuple[str, ...]:
    """Return the fields not filled in, as `step.field`."""
    return tuple(
        f"{step.name}.{field.name}"
        for step in steps
        for field in step.fields
        if not answers.get(step.name, {}).get(field.name)
    )


def _fen(text: str) -> int | None:
    try:
        return Money.yuan(text).minor
    except BadAmount:
        return None


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


_MONTHS = Field(name="months_established", kind="whole", low=0, high=MONTHS_MOST)
_INCOME = Field(name="monthly_income", kind="money", low=0, high=INCOME_MOST.minor)
_DEBTS = Field(name="monthly_debt_service", kind="money", low=0, high=INCOME_MOST.minor)
_PERSON = (
    Step("work", (Field(name="employment", kind="choice", choices=EMPLOYMENTS), _MONTHS, _INCOME)),
    Step("household", (Field(name="housing", kind="choice", choices=HOUSINGS), _DEBTS)),
)
_FIRM = (
    Step(
        "business",
        (
            Field(name="sector", kind="choice", choices=SECTORS),
            _MONTHS,
            Field(name="revenue_annual", kind="money", low=0, high=REVENUE_MOST.minor),
            _INCOME,
        ),
    ),
    Step("debts", (_DEBTS,)),
)
