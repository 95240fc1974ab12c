"""Pure: what a borrower said beside what was fetched of it, differences marked.

A fetched value has the shape of a risk feature (dotted name, value, moment, source), so that
answers of inquiries are laid in as they are; `RULES` says which answer each is held against.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Protocol

# What is older says little of today.
FRESH_FOR = timedelta(days=90)


class Finding(StrEnum):
    """What a comparison came to."""

    SAME = "same"
    CLOSE = "close"
    DIFFERS = "differs"
    NOT_STATED = "not-stated"
    NOT_KNOWN = "not-known"


class Known(Protocol):
    """A value that somebody else told, as `rongqiao.risk.judging.features.Feature` has it."""

    @property
    def name(self) -> str:
        """The dotted name, such as `tax.monthly-income`."""

    @property
    def value(self) -> Decimal | str | bool | None:
        """The value; None where it was asked for and is not known."""

    @property
    def as_of(self) -> datetime:
        """The moment it was true."""

    @property
    def source(self) -> str:
        """Who told it."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """A plain known value, for sources that have no type of their own."""

    name: str
    value: Decimal | str | bool | None
    as_of: datetime
    source: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a known value is held against an answer: the field, and how.

    `equal` for words; `near` for figures, `tolerance` being a share of the known value; `least` and
    `most` where the known value is a bound that the answer may not be below or above by more.
    """

    field: str
    how: str
    tolerance: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One answer beside one known value; `gap` is their difference as a share of the known one."""

    field: str
    stated: str
    name: str
    fetched: str
    source: str
    as_of: datetime
    finding: Finding
    gap: Decimal | None
    is_stale: bool


_WORST_FIRST = (
    Finding.DIFFERS,
    Finding.NOT_KNOWN,
    Finding.NOT_STATED,
    Finding.CLOSE,
    Finding.SAME,
)
_QUARTER, _TENTH, _TWENTIETH = Decimal("0.25"), Decimal("0.10"), Decimal("0.05")
# Names on the left are those of features; an answer of the form on the right.
RULES: Mapping[str, Rule] = {
    "identity.age": Rule(field="age", how="equal"),
    "registry.established-months": Rule(
        field="months_established", how="most", tolerance=_TWENTIETH
    ),
    "registry.sector": Rule(field="sector", how="equal"),
    "tax.monthly-income": Rule(field="monthly_income", how="near", tolerance=_TENTH),
    "tax.revenue-annual": Rule(field="revenue_annual", how="near", tolerance=_TENTH),
    "invoice.revenue-annual": Rule(field="revenue_annual", how="near", tolerance=_TENTH),
    "bureau.monthly-debt-service": Rule(
        field="monthly_debt_service", how="near", tolerance=_TWENTIETH
    ),
    "earlier.months-established": Rule(
        field="months_established", how="most", tolerance=_TWENTIETH
    ),
    "earlier.monthly-income": Rule(field="monthly_income", how="near", tolerance=_QUARTER),
    "earlier.revenue-annual": Rule(field="revenue_annual", how="near", tolerance=_QUARTER),
    "earlier.employment": Rule(field="employment", how="equal"),
    "earlier.housing": Rule(field="housing", how="equal"),
    "earlier.sector": Rule(field="sector", how="equal"),
}


def compare(stated: Mapping[str, str], known: Iterable[Known], at: datetime) -> tuple[Line, ...]:
    """Return a line for each known value that says something of an answer, differences first.

    Figures are compared as decimals. A known value later than `at` is a bug and asserts.
    """
    lines = []
    for one in known:
        rule = RULES.get(one.name)
        if rule is None:
            continue
        assert one.as_of <= at, one.name
        lines.append(_line(rule, stated.get(rule.field, ""), one, at))
    return tuple(sorted(lines, key=lambda line: (_WORST_FIRST.index(line.finding), line.field)))


def said_before(
    answers: Mapping[str, str], submitted_at: datetime, at: datetime
) -> tuple[Fetched, ...]:
    """Return an earlier application's answers as known values of the moment it was handed in.

    Months in work or business are those of then and the months gone by.
    """
    names = ("monthly_income", "revenue_annual", "employment", "housing", "sector")
    found = [
        Fetched(
            name=f"earlier.{name.replace('_', '-')}",
            value=answers[name],
            as_of=submitted_at,
            source="earlier-application",
        )
        for name in names
        if answers.get(name)
    ]
    months = answers.get("months_established", "")
    if months.isdecimal():
        gone = (at - submitted_at).days // 30
        found.append(
            Fetched(
                name="earlier.months-established",
                value=Decimal(int(months) + gone),
                as_of=submitted_at,
                source="earlier-application",
            )
        )
    return tuple(found)


def _line(rule: Rule, stated: str, one: Known, at: datetime) -> Line:
    finding, gap = _finding(rule, stated, one)
    return Line(
        field=rule.field,
        stated=stated,
        name=one.name,
        fetched="" if one.value is None else str(one.value),
        source=one.source,
        as_of=one.as_of,
        finding=finding,
        gap=gap,
        is_stale=at - one.as_of > FRESH_FOR,
    )


def _finding(rule: Rule, stated: str, one: Known) -> tuple[Finding, Decimal | None]:
    if one.value is None:
        return Finding.NOT_KNOWN, None
    if not stated:
        return Finding.NOT_STATED, None
    said, found = _decimal(stated), _decimal(str(one.value))
    if rule.how == "equal" or said is None or found is None:
        return (Finding.SAME if stated == str(one.value) else Finding.DIFFERS), None
    gap = None if found == 0 else ((said - found) / found).quantize(Decimal("0.0001"))
    close = Finding.CLOSE if _is_within(rule, said, found) else Finding.DIFFERS
    return (Finding.SAME if said == found else close), gap


def _is_within(rule: Rule, said: Decimal, found: Decimal) -> bool:
    room = abs(found) * rule.tolerance
    if rule.how == "least":
        return said >= found - room
    if rule.how == "most":
        return said <= found + room
    return abs(said - found) <= room


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
