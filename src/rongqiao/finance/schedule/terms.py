"""The terms of a loan as a schedule needs them, whole and possible, or refused with the reason.

Field names, values and defaults are those of `rongqiao quote` in the command line's contract.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Literal, NamedTuple, NoReturn

from rongqiao.finance.daycount import BASES
from rongqiao.finance.fields import BadField
from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.finance.rounding import TO_THE_FEN, Rounding

# Ten years of daily instalments with room to spare; a century of monthly ones.
MOST_TERMS = 3660
MOST_COUNT = 3660
# 10,000 % a year: above any published case, far below what would overflow an amount at once.
LARGEST_RATE = 100
DAY_COUNTS = (*BASES, "act/act_icma")

RemainderOn = Literal["last", "first"]
DayBasis = Literal[360, 365]


class BadTerms(BadField):
    """No schedule comes of these terms: `field` was `given`, and only `allowed` is possible."""


class Method(StrEnum):
    """How principal and interest are spread over the instalments."""

    EQUAL_INSTALMENT = "equal_instalment"
    EQUAL_PRINCIPAL = "equal_principal"
    INTEREST_ONLY = "interest_only"
    BULLET = "bullet"
    FLAT = "flat"
    CUSTOM = "custom"


class Unit(StrEnum):
    """What the distance between two due dates is counted in."""

    MONTH = "month"
    DAY = "day"
    WEEK = "week"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        """Whole months of the unit; 0 for days and weeks."""
        return {"month": 1, "quarter": 3, "year": 12}.get(self.value, 0)

    @property
    def days(self) -> int:
        """Days of the unit; 0 for months and their multiples."""
        return {"day": 1, "week": 7}.get(self.value, 0)


class CountDays(StrEnum):
    """Whether the due date itself bears interest: 算头不算尾 or 算头又算尾."""

    EXCLUDE_END = "exclude_end"
    INCLUDE_BOTH = "include_both"


class MonthEnd(StrEnum):
    """What becomes of a due date in a month without that day."""

    CLAMP = "clamp"
    LAST_DAY = "last_day"
    NEXT_MONTH = "next_month"


class BusinessDays(StrEnum):
    """Where a due date moves that is no business day in China."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    PRECEDING = "preceding"


class RateUnit(StrEnum):
    """What a stated rate is per."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"


class FeeAt(StrEnum):
    """When a fee is paid; `disbursement` is withheld from the cash received."""

    DISBURSEMENT = "disbursement"
    EACH = "each"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Every:
    """The distance between two due dates."""

    unit: Unit = Unit.MONTH
    count: int = 1

    @property
    def months(self) -> int:
        """Whole months between due dates; 0 where they are counted in days."""
        return self.unit.months * self.count

    @property
    def days(self) -> int:
        """Days between due dates; 0 where they are counted in months."""
        return self.unit.days * self.count


@dataclass(frozen=True, slots=True)
class Grace:
    """How many first instalments pay no principal, and how many bear no interest.

    With `capitalise` the interest of the latter is added to the balance instead of waived.
    """

    principal_terms: int = 0
    interest_terms: int = 0
    capitalise: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """From this date the annual rate is another one."""

    from_on: date
    rate_annual: Fraction


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee in fen: for each instalment where it is `each`, else once."""

    name: str
    at: FeeAt
    amount_minor: int

    @classmethod
    def of_rate(cls, name: str, at: FeeAt, rate: Fraction, principal: int) -> Fee:
        """Return the fee that is this part of the principal, half-up to the fen."""
        return cls(name, at, TO_THE_FEN.of(principal * rate.numerator, rate.denominator))


class Plain(NamedTuple):
    """What a plain level loan needs beside its principal and start.

    Interest of one period on one unit as numerator / denominator, instalments, and the pace of
    the due dates (`grid.Pace`).
    """

    numerator: int
    denominator: int
    rows: int
    pace: tuple[int, int, str]


def annual_rate(rate: Fraction, unit: RateUnit, day_basis: int) -> Fraction:
    """Return the annual rate: 12 x a monthly one, `day_basis` x a daily one (contract, rule 5)."""
    if unit is RateUnit.MONTH:
        return rate * 12
    return rate * day_basis if unit is RateUnit.DAY else rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything a schedule depends on. Amounts are fen, rates exact annual fractions.

    Raises BadTerms where no schedule could come of them.
    """

    principal: int
    rate_annual: Fraction
    start: date
    method: Method = Method.EQUAL_INSTALMENT
    terms: int | None = None
    every: Every = Every()
    first_due: date | None = None
    day_count: str = "30/360"
    count_days: CountDays = CountDays.EXCLUDE_END
    month_end: MonthEnd = MonthEnd.CLAMP
    business_days: BusinessDays = BusinessDays.NONE
    rounding: Rounding = TO_THE_FEN
    interest_rounding: Rounding = TO_THE_FEN
    payment: int | None = None
    remainder: RemainderOn = "last"
    grace: Grace = Grace()
    balloon: int = 0
    steps: tuple[Step, ...] = ()
    fees: tuple[Fee, ...] = ()
    principal_plan: tuple[int, ...] = ()
    # Set where nothing but principal, rate, start, terms and whole months decides: `plain.py`.
    plain: Plain | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be, field by field."""
        _check_amounts(self)
        _check_length(self)
        _check_dates(self)
        _check_grace(self)
        _check_only_where_it_means_something(self)
        object.__setattr__(self, "plain", _plain_of(self))

    @property
    def count(self) -> int | None:
        """How many instalments there are at most; None where `payment` alone decides."""
        if self.method is Method.BULLET:
            return 1
        return self.terms if self.method is not Method.CUSTOM else len(self.principal_plan)


def yuan(minor: int) -> str:
    """Return fen as people read them: `"1234.50"`."""
    return Money(minor).text()


def _refuse(at: str, given: object, allowed: str) -> NoReturn:
    raise BadTerms(at, given, allowed)


def _check_amounts(terms: Terms) -> None:
    top = yuan(LARGEST_MINOR)
    if not 0 < terms.principal <= LARGEST_MINOR:
        _refuse("principal", yuan(terms.principal), f"0.01 to {top}")
    for rate in (terms.rate_annual, *(step.rate_annual for step in terms.steps)):
        if not 0 <= rate <= LARGEST_RATE:
            _refuse("rate", f"{float(rate):g} a year", f"0 to {LARGEST_RATE} a year")
    if not 0 <= terms.balloon <= terms.principal:
        _refuse("balloon", yuan(terms.balloon), f"0 to the principal, {yuan(terms.principal)}")
    if terms.payment is not None and not 0 < terms.payment <= LARGEST_MINOR:
        _refuse("payment", yuan(terms.payment), f"0.01 to {top}")
    for at, rounding in (
        ("rounding", terms.rounding),
        ("interest_rounding", terms.interest_rounding),
    ):
        if not 0 < rounding.unit <= LARGEST_MINOR:
            _refuse(f"{at}.unit", yuan(rounding.unit), f"0.01 to {top}")
    _check_fees(terms)


def _check_fees(terms: Terms) -> None:
    withheld = 0
    for fee in terms.fees:
        if not 0 <= fee.amount_minor <= LARGEST_MINOR:
            _refuse("fees", yuan(fee.amount_minor), f"0 to {yuan(LARGEST_MINOR)}")
        withheld += fee.amount_minor if fee.at is FeeAt.DISBURSEMENT else 0
    if withheld >= terms.principal:
        _refuse(
            "fees",
            f"{yuan(withheld)} at disbursement",
            f"less than the principal, {yuan(terms.principal)}",
        )


def _check_length(terms: Terms) -> None:
    if terms.method is Method.CUSTOM:
        _check_plan(terms)
    elif terms.principal_plan:
        _refuse("principal_plan", "given", "only with method custom")
    elif terms.terms is None and terms.payment is None:
        _refuse("terms", "missing", f"a whole number from 1 to {MOST_TERMS}")
    if terms.terms is not None and not 1 <= terms.terms <= MOST_TERMS:
        _refuse("terms", terms.terms, f"a whole number from 1 to {MOST_TERMS}")
    if not 1 <= terms.every.count <= MOST_COUNT:
        _refuse("every.count", terms.every.count, f"a whole number from 1 to {MOST_COUNT}")


def _check_plan(terms: Terms) -> None:
    plan = terms.principal_plan
    if not plan or len(plan) > MOST_TERMS:
        _refuse("principal_plan", f"{len(plan)} amounts", f"1 to {MOST_TERMS} amounts")
    if min(plan) < 0 or plan[-1] == 0:
        _refuse("principal_plan", "not all principal", "amounts from 0, the last above 0")
    if sum(plan) != terms.principal:
        _refuse(
            "principal_plan",
            f"{yuan(sum(plan))} in all",
            f"amounts that sum to the principal, {yuan(terms.principal)}",
        )
    if terms.terms is not None and terms.terms != len(plan):
        _refuse("terms", terms.terms, f"{len(plan)}, the length of principal_plan, or left out")


def _check_dates(terms: Terms) -> None:
    if terms.first_due is not None and terms.first_due <= terms.start:
        _refuse("first_due", terms.first_due, f"a date after start, {terms.start}")
    for before, step in pairwise(terms.steps):
        if step.from_on <= before.from_on:
            _refuse("steps", f"a step from {step.from_on}", f"dates after {before.from_on} there")
    if terms.day_count not in DAY_COUNTS:
        _refuse("day_count", terms.day_count, ", ".join(DAY_COUNTS))


def _check_grace(terms: Terms) -> None:
    grace = terms.grace
    most = (terms.count or MOST_TERMS) - 1
    for name, given in (
        ("principal_terms", grace.principal_terms),
        ("interest_terms", grace.interest_terms),
    ):
        if not 0 <= given <= most:
            _refuse(f"grace.{name}", given, f"0 to {most}, one less than the instalments")
    if grace.principal_terms and terms.method is Method.CUSTOM:
        _refuse("grace.principal_terms", grace.principal_terms, "0: principal_plan says it")


def _check_only_where_it_means_something(terms: Terms) -> None:
    level = (Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.FLAT)
    if terms.balloon and terms.method not in level:
        _refuse("balloon", yuan(terms.balloon), f"0 with method {terms.method}")
    if terms.payment is None:
        return
    if terms.method is not Method.EQUAL_INSTALMENT:
        _refuse("payment", yuan(terms.payment), "only with method equal_instalment")
    if terms.balloon:
        _refuse("balloon", yuan(terms.balloon), "0 where payment is given")
    if terms.remainder == "first":
        _refuse("remainder", "first", "last where payment is given")


def _plain_of(terms: Terms) -> Plain | None:
    if not _is_plain(terms) or terms.terms is None:
        return None
    months = terms.every.months
    exact = terms.rate_annual * months / 12
    pace = (months, 0, str(terms.month_end))
    return Plain(exact.numerator, exact.denominator, terms.terms, pace)


def _is_plain(terms: Terms) -> bool:
    usual = (
        terms.method is Method.EQUAL_INSTALMENT
        and terms.day_count == "30/360"
        and terms.every.months > 0
        and terms.business_days is BusinessDays.NONE
        and terms.remainder == "last"
    )
    return (
        usual
        and terms.rounding == TO_THE_FEN == terms.interest_rounding
        and terms.grace == Grace()
        and not terms.balloon
        and not (terms.steps or terms.fees or terms.payment or terms.first_due)
    )
