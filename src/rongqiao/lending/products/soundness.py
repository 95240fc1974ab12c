"""What is wrong with terms, whatever the operator's role: the first field that cannot be."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from rongqiao.finance.allocation import Order
from rongqiao.finance.schedule.remaining import IN_PART
from rongqiao.finance.schedule.terms import DAY_COUNTS, FeeAt, Method, Unit
from rongqiao.lending.products.queries import FeeTerms, ProductTerms
from rongqiao.policies.credit.policy import known_policies
from rongqiao.policies.lpr import REFERENCES, RESETS

CATEGORIES = ("consumer", "working-capital", "day-interest", "interest-first")
PARTY_KINDS = ("person", "organization")
DOCUMENT_KINDS = (
    "id-front",
    "id-back",
    "income-proof",
    "bank-statement",
    "business-licence",
    "financial-statement",
    "tax-return",
)
# As `lending.collateral` names them, which stands above and is not asked: a test holds the two.
COLLATERAL_KINDS = ("vehicle", "real_estate", "receivable", "deposit", "guarantee")
METHODS = tuple(method.value for method in Method if method is not Method.CUSTOM)
# Terms are counted in months, so that the annualised cost is exact on a grid of months.
UNITS = tuple(unit.value for unit in Unit if unit.months)
INTEREST_PERIODS = ("day", "month", "quarter")
PREPAYMENTS = ("any", "shorten", "lower", "payoff", "none")
# Of other ways of repaying, interest does not follow from what is left and the days.
FLOATING_METHODS = tuple(method.value for method in IN_PART)
LEAST_POINTS, MOST_POINTS = -200, 3_600
AMOUNT_CEILING_MINOR = 10**12
DRAWS_CEILING = 12
TERM_CEILING = 360


@dataclass(frozen=True)
class Fault:
    """A field that cannot be: its value as text and what is allowed."""

    field: str
    value: str
    allowed: str


def first_fault(terms: ProductTerms) -> Fault | None:
    """Return the first fault of the terms, or None where they are sound."""
    checks = (
        _words,
        _amounts,
        _lengths,
        _grades,
        _methods,
        _limits,
        _fees,
        _draws,
        _charges,
        _borrowers,
        _security,
        _offer,
    )
    return next((fault for check in checks if (fault := check(terms))), None)


def float_fault(terms: ProductTerms) -> Fault | None:
    """Return the first fault of how a rate floats, or None; of one that is fixed there is none."""
    floating = terms.floating
    if floating is None:
        return None
    choices = (
        ("float_reference", floating.reference, REFERENCES),
        ("float_reset", floating.reset, RESETS),
        ("method", terms.method, FLOATING_METHODS),
    )
    for field, value, allowed in choices:
        if value not in allowed:
            return Fault(field, value, ", ".join(allowed))
    if terms.is_revolving:
        return Fault("is_revolving", "true", "false with a rate that floats")
    if terms.fees:
        # The cap is held against all a loan costs: with fees the rate could never rise.
        return Fault("fees", terms.fees[0].code, "none with a rate that floats")
    wide = [one for _grade, one in floating.points if not LEAST_POINTS <= one <= MOST_POINTS]
    if wide or not floating.points:
        value = str(wide[0]) if wide else ""
        return Fault("float_points", value, f"{LEAST_POINTS} - {MOST_POINTS} of each grade")
    return None


def _words(terms: ProductTerms) -> Fault | None:
    for field, most in (
        ("name_zh", 60),
        ("name_en", 120),
        ("summary_zh", 400),
        ("summary_en", 400),
    ):
        text = getattr(terms, field)
        if not text.strip() or len(text) > most or not text.isprintable():
            return Fault(field, text[:40], f"1 - {most} printable characters")
    return None


def _amounts(terms: ProductTerms) -> Fault | None:
    low, high = terms.amount_min, terms.amount_max
    if not 0 < low.minor <= AMOUNT_CEILING_MINOR:
        return Fault("amount_min", low.text(), "0.01 - 10000000000.00")
    if not low.minor <= high.minor <= AMOUNT_CEILING_MINOR:
        return Fault("amount_max", high.text(), f"{low.text()} - 10000000000.00")
    if not 0 <= terms.four_eyes_above.minor <= AMOUNT_CEILING_MINOR:
        return Fault("four_eyes_above", terms.four_eyes_above.text(), "0.00 - 10000000000.00")
    return None


def _lengths(terms: ProductTerms) -> Fault | None:
    ranges = (
        ("term_min", terms.term_min, 1, TERM_CEILING),
        ("term_max", terms.term_max, max(1, terms.term_min), TERM_CEILING),
        ("every_count", terms.every_count, 1, 12),
        ("grace_days", terms.grace_days, 0, 30),
        ("reading_seconds", terms.reading_seconds, 0, 600),
        ("offer_days", terms.offer_days, 1, 90),
        ("limit_months", terms.limit_months, 1 if terms.is_revolving else 0, 60),
        ("prepayment_fee_free_after", terms.prepayment_fee_free_after, 0, TERM_CEILING),
    )
    for field, value, low, high in ranges:
        if not low <= value <= high:
            return Fault(field, str(value), f"{low} - {high}")
    return None


def _grades(terms: ProductTerms) -> Fault | None:
    if not terms.grades:
        return Fault("grades", "", "at least one grade")
    names = [one.grade for one in terms.grades]
    if len(set(names)) != len(names) or not all(name and len(name) <= 4 for name in names):
        return Fault("grades", ",".join(names), "different names of 1 - 4 characters")
    before = Decimal(0)
    for one in terms.grades:
        if not one.rate_annual.is_finite() or not Decimal(0) < one.rate_annual < Decimal(1):
            return Fault("rate_annual", str(one.rate_annual), "above 0 and below 1")
        if one.rate_annual < before:
            return Fault("rate_annual", str(one.rate_annual), f">= {before}: safest grade first")
        before = one.rate_annual
    return None


def _methods(terms: ProductTerms) -> Fault | None:
    choices = (
        ("method", terms.method, METHODS),
        ("day_count", terms.day_count, DAY_COUNTS),
        ("every_unit", terms.every_unit, UNITS),
        ("interest_period", terms.interest_period, INTEREST_PERIODS),
        ("prepayment", terms.prepayment, PREPAYMENTS),
        ("allocation_order", terms.allocation_order, tuple(order.value for order in Order)),
    )
    for field, value, allowed in choices:
        if value not in allowed:
            return Fault(field, value, ", ".join(allowed))
    return None


def _limits(terms: ProductTerms) -> Fault | None:
    """A limit's agreement and pages tell the lengths of its drawings in months."""
    if terms.is_revolving and terms.months_per_term != 1:
        return Fault("every_count", str(terms.months_per_term), "1 month: limits count by months")
    return None


def _fees(terms: ProductTerms) -> Fault | None:
    for fee in terms.fees:
        if fault := _fee(fee):
            return fault
    return None


def _fee(fee: FeeTerms) -> Fault | None:
    if fee.at not in tuple(moment.value for moment in FeeAt):
        return Fault("fees", fee.at, ", ".join(moment.value for moment in FeeAt))
    if not (fee.code and fee.name_zh and fee.name_en and fee.collector):
        return Fault("fees", fee.code, "code, names in both languages and a collector")
    if (fee.amount is None) == (fee.rate is None):
        return Fault("fees", fee.code, "either an amount or a rate")
    if fee.amount is not None and not 0 < fee.amount.minor <= AMOUNT_CEILING_MINOR:
        return Fault("fees", fee.amount.text(), "0.01 - 10000000000.00")
    if fee.rate is not None and not (fee.rate.is_finite() and 0 < fee.rate < 1):
        return Fault("fees", str(fee.rate), "above 0 and below 1")
    return None


def _draws(terms: ProductTerms) -> Fault | None:
    """Return what is wrong with lending in several sums: each is planned by what is left."""
    draws = terms.draws
    if draws is None:
        return None
    # A fee on the whole would be owed for what may never be drawn.
    cannot = (
        ("is_revolving", terms.is_revolving, "false: each draw of a limit is a loan"),
        ("fees", bool(terms.fees), "none where it is drawn in several sums"),
        ("method", terms.method not in FLOATING_METHODS, ", ".join(FLOATING_METHODS)),
    )
    for name, is_so, allowed in cannot:
        if is_so:
            return Fault(name, str(getattr(terms, name)), allowed)
    for field, value, low, high in (
        ("draws.most", draws.most, 2, DRAWS_CEILING),
        ("draws.days", draws.days, 1, 30 * terms.term_min * terms.months_per_term),
    ):
        if not low <= value <= high:
            return Fault(field, str(value), f"{low} - {high}")
    if not 0 < draws.least.minor <= terms.amount_min.minor:
        return Fault("draws.least", draws.least.text(), f"0.01 - {terms.amount_min.text()}")
    return None


def _charges(terms: ProductTerms) -> Fault | None:
    multiple, share = terms.penalty_multiple, terms.prepayment_fee_rate
    if not multiple.is_finite() or not 1 <= multiple <= 10:
        return Fault("penalty_multiple", str(multiple), "1 - 10")
    if not share.is_finite() or not 0 <= share <= Decimal("0.05"):
        return Fault("prepayment_fee_rate", str(share), "0 - 0.05")
    return None


def _borrowers(terms: ProductTerms) -> Fault | None:
    kinds = [one.party_kind for one in terms.borrowers]
    if not kinds or len(set(kinds)) != len(kinds) or set(kinds) - set(PARTY_KINDS):
        return Fault("borrowers", ",".join(kinds), ", ".join(PARTY_KINDS))
    for one in terms.borrowers:
        if one.policy not in known_policies():
            return Fault("borrowers", one.policy, ", ".join(known_policies()))
        if unknown := set(one.documents) - set(DOCUMENT_KINDS):
            return Fault("borrowers", ",".join(sorted(unknown)), ", ".join(DOCUMENT_KINDS))
    return None


def _security(terms: ProductTerms) -> Fault | None:
    demand = terms.security
    if demand is None:
        return None
    kinds = demand.kinds
    if not kinds or len(set(kinds)) != len(kinds) or set(kinds) - set(COLLATERAL_KINDS):
        return Fault("security_kinds", ",".join(kinds)[:40], ", ".join(COLLATERAL_KINDS))
    least = demand.coverage_min
    if not least.is_finite() or not 0 < least <= 10 or least != round(least, 4):
        return Fault("security_coverage_min", str(least), "0.0001 - 10, at most 4 decimals")
    return None


def _offer(terms: ProductTerms) -> Fault | None:
    if not terms.purposes or not all(0 < len(one) <= 32 for one in terms.purposes):
        return Fault("purposes", ",".join(terms.purposes)[:40], "at least one short word")
    return None
