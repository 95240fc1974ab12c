"""The steps of an application: which fields each has, what may stand in them, what is missing.

Values come as text, as a form or a JSON body gives them, and are kept as text in one normal form.
Empty means not filled in yet, which a draft may be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rongqiao.finance.money import BadAmount, Money
from rongqiao.lending.products.queries import ProductTerms
from rongqiao.policies.identifiers import BadIdentifier, mobile_phone

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
RELATIONS = ("spouse", "parent", "child", "sibling", "relative", "friend", "colleague")
MONTHS_MOST = 1200
INCOME_MOST = Money.yuan("100000000.00")
REVENUE_MOST = Money.yuan("10000000000.00")
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
# A mobile number, or a line of a firm: area code, number, extension.
_LINE = re.compile(r"0\d{2,3}-?\d{7,8}(-\d{1,6})?|400-?\d{3}-?\d{4}", re.ASCII)
_PERSONAL = ("text", "line", "mobile")

Answers = Mapping[str, Mapping[str, str]]


class BadAnswer(ValueError):
    """A value that cannot stand in its field; `allowed` says what can."""

    def __init__(self, field: str, value: str, allowed: str) -> None:
        super().__init__(field, value, allowed)
        self.field, self.value, self.allowed = field, value[:80], allowed


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: `kind` is money, whole, choice, text, line or mobile; bounds are included.

    Bounds of a text are of its length; a `line` is any phone, a `mobile` a mobile phone. One that
    `is_optional` may stay empty when the application is handed in.
    """

    name: str
    kind: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()
    is_optional: bool = False

    @property
    def allowed(self) -> str:
        """Return what may stand here, for the sentence about a wrong value."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "money":
            return f"{Money(self.low).text()} - {Money(self.high).text()}"
        return _SHAPES.get(self.kind, f"{self.low} - {self.high}")

    @property
    def is_personal(self) -> bool:
        """Tell whether the value is somebody's name, place or number."""
        return self.kind in _PERSONAL

    def read(self, text: str) -> str:
        """Return the value in its normal form, empty for none; raises BadAnswer."""
        value = text.strip(" ")
        if not value:
            return ""
        if self.kind == "choice":
            if value not in self.choices:
                raise BadAnswer(self.name, value, self.allowed)
            return value
        if self.is_personal:
            return self._told(value)
        number = _fen(value) if self.kind == "money" else _whole(value)
        if number is None or not self.low <= number <= self.high:
            raise BadAnswer(self.name, value, self.allowed)
        return Money(number).text() if self.kind == "money" else str(number)

    def _told(self, value: str) -> str:
        """Return a text or a phone; what is refused is not repeated, for it is personal."""
        read = {"mobile": _mobile, "line": _line}.get(self.kind, self._plain)(value)
        if read is None:
            raise BadAnswer(self.name, "", self.allowed)
        return read

    def _plain(self, value: str) -> str | None:
        text = " ".join(unicodedata.normalize("NFKC", value).split())
        is_plain = all(unicodedata.category(mark)[0] != "C" for mark in text)
        return text if is_plain and self.low <= len(text) <= self.high else None


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
    """Return the fields not filled in that must be, as `step.field`."""
    return tuple(
        f"{step.name}.{field.name}"
        for step in steps
        for field in step.fields
        if not field.is_optional and not answers.get(step.name, {}).get(field.name)
    )


def _fen(text: str) -> int | None:
    try:
        return Money.yuan(text).minor
    except BadAmount:
        return None


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text) else None


def _mobile(text: str) -> str | None:
    try:
        return mobile_phone(text)
    except BadIdentifier:
        return None


def _line(text: str) -> str | None:
    folded = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", text))
    return folded if _LINE.fullmatch(folded) else _mobile(text)


_SHAPES = {"mobile": "138 0013 8000", "line": "010-12345678, 138 0013 8000"}
_MONTHS = Field(name="months_established", kind="whole", low=0, high=MONTHS_MOST)
_INCOME = Field(name="monthly_income", kind="money", low=0, high=INCOME_MOST.minor)
_DEBTS = Field(name="monthly_debt_service", kind="money", low=0, high=INCOME_MOST.minor)
_PERSON = (
    Step(
        "work",
        (
            Field(name="employment", kind="choice", choices=EMPLOYMENTS),
            _MONTHS,
            _INCOME,
            Field(name="employer_name", kind="text", low=2, high=80, is_optional=True),
            Field(name="employer_phone", kind="line", is_optional=True),
        ),
    ),
    Step(
        "household",
        (
            Field(name="housing", kind="choice", choices=HOUSINGS),
            _DEBTS,
            Field(name="home_address", kind="text", low=6, high=120, is_optional=True),
            Field(name="contact_name", kind="text", low=2, high=40, is_optional=True),
            Field(name="contact_relation", kind="choice", choices=RELATIONS, is_optional=True),
            Field(name="contact_phone", kind="mobile", is_optional=True),
        ),
    ),
)
_FIRM = (
    Step(
        "business",
        (
            Field(name="sector", kind="choice", choices=SECTORS),
            _MONTHS,
            Field(name="revenue_annual", kind="money", low=0, high=REVENUE_MOST.minor),
            _INCOME,
            Field(name="operating_address", kind="text", low=6, high=120, is_optional=True),
        ),
    ),
    Step("debts", (_DEBTS,)),
)
