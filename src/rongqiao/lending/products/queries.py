"""Products as others see them: terms of a version, and what those terms cost on a given loan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

from django.db.models import Q, QuerySet

from rongqiao.finance.money import Money
from rongqiao.finance.quote import quote
from rongqiao.finance.rounding import TO_THE_FEN
from rongqiao.finance.schedule.result import Row, Totals
from rongqiao.finance.schedule.terms import Every, Fee, FeeAt, Method, Terms, Unit
from rongqiao.lending.products.models import ProductVersion
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.credit.facts import GradeRate, Offer
from rongqiao.policies.lpr import Quote, lpr_on

RATE_PLACES = Decimal("0.00000001")
STATED = Decimal("0.0001")
POINT = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class FeeTerms:
    """A fee: a fixed `amount`, or a `rate` of the principal; `at` is each, first or last."""

    code: str
    name_zh: str
    name_en: str
    at: str
    amount: Money | None = None
    rate: Decimal | None = None
    collector: str

    def amount_on(self, principal: Money) -> Money:
        """Return the fee on a principal, half-up to the fen."""
        if self.amount is not None:
            return self.amount
        share = Fraction(self.rate or 0)
        return Money(TO_THE_FEN.of(principal.minor * share.numerator, share.denominator))


@dataclass(frozen=True, kw_only=True)
class BorrowerTerms:
    """A kind of party that may apply: its credit policy and the documents asked of it."""

    party_kind: str
    policy: str
    documents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FloatTerms:
    """A rate that floats from the signing on: basis points over `reference`, by grade.

    It is reset each 1 January (`new-year`) or each year after lending (`anniversary`).
    """

    reference: str
    reset: str
    points: tuple[tuple[str, int], ...]

    def quote(self, on: date) -> Quote:
        """Return the quote that a contract of `on` follows, of the day before or earlier.

        Raises policies' NoQuote.
        """
        return lpr_on(on - timedelta(days=1))

    def grades(self, on: date) -> tuple[GradeRate, ...]:
        """Return the rate of each grade for a contract of `on`. Raises NoQuote."""
        base = self.quote(on).of(self.reference)
        return tuple(GradeRate(grade, base + points * POINT) for grade, points in self.points)


@dataclass(frozen=True, kw_only=True)
class DrawTerms:
    """A loan lent in several sums: `most` of them, the later ones within `days` of the first.

    Each is of `least` or more, the last one of what is left.
    """

    most: int
    days: int
    least: Money


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What pledges of one kind cover, as collateral tells whoever has something signed."""

    collateral_kind: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class SecurityTerms:
    """Collateral that must stand before anything is lent: its kinds, and the least coverage.

    What pledges of these kinds cover after their haircuts is at least `coverage_min` (1 is 100 %)
    times what may be owed.
    """

    kinds: tuple[str, ...]
    coverage_min: Decimal

    def needed_for(self, amount: Money) -> Money:
        """Return the least cover for an amount, rounded up to the fen."""
        share = Fraction(self.coverage_min)
        top, bottom = amount.minor * share.numerator, share.denominator
        return Money(-(-top // bottom))

    def counted(self, cover: Iterable[Cover]) -> Money:
        """Return what is covered by pledges of the kinds that count."""
        found = (one.amount for one in cover if one.collateral_kind in self.kinds)
        return sum(found, Money.zero())


@dataclass(frozen=True, kw_only=True)
class ProductTerms:
    """What a version of a product says. Rates are annual fractions, terms count `every` periods.

    `interest_period` is what the borrower is told interest is counted by: day, month, quarter.
    `prepayment` is `any` (in part or in full), `shorten` or `lower` (in part with that effect, or
    in full), `payoff` (in full) or `none`; its fee is a fraction of the principal paid early, and
    none is taken once `prepayment_fee_free_after` instalments are paid. Where the rate is
    `floating`, `grades` are those of some day: `at` gives another day's. Without `draws` a loan is
    lent at once and whole.
    """

    name_zh: str
    name_en: str
    summary_zh: str
    summary_en: str
    amount_min: Money
    amount_max: Money
    term_min: int
    term_max: int
    grades: tuple[GradeRate, ...]
    interest_period: str
    method: str
    day_count: str
    every_unit: str
    every_count: int
    is_revolving: bool
    limit_months: int
    fees: tuple[FeeTerms, ...]
    grace_days: int
    penalty_multiple: Decimal
    is_penalty_on_interest: bool
    prepayment: str
    prepayment_fee_rate: Decimal
    prepayment_fee_free_after: int
    allocation_order: str
    borrowers: tuple[BorrowerTerms, ...]
    purposes: tuple[str, ...]
    reading_seconds: int
    offer_days: int
    four_eyes_above: Money
    floating: FloatTerms | None = None
    draws: DrawTerms | None = None
    security: SecurityTerms | None = None

    def at(self, on: date) -> ProductTerms:
        """Return the terms of a contract made on `on`: a floating rate follows that day's quote.

        Raises policies' NoQuote.
        """
        if self.floating is None:
            return self
        return replace(self, grades=self.floating.grades(on))

    def points_of(self, grade: str) -> int | None:
        """Return the basis points of a grade over the reference; None where the rate is fixed.

        A grade the product does not name gets its dearest, as its rate is.
        """
        if self.floating is None:
            return None
        return dict(self.floating.points).get(grade, self.floating.points[-1][1])

    @property
    def rate_min(self) -> Decimal:
        """Return the lowest annual rate of any grade."""
        return min(one.rate_annual for one in self.grades)

    @property
    def rate_max(self) -> Decimal:
        """Return the highest annual rate of any grade."""
        return max(one.rate_annual for one in self.grades)

    @property
    def months_per_term(self) -> int:
        """Return how many months one term lasts."""
        return Every(Unit(self.every_unit), self.every_count).months

    def borrower(self, party_kind: str) -> BorrowerTerms | None:
        """Return what is asked of a kind of party; None if it may not apply."""
        return next((one for one in self.borrowers if one.party_kind == party_kind), None)

    def penalty_rate(self, rate_annual: Decimal) -> Decimal:
        """Return the annual rate on overdue amounts: the multiple of the contract rate."""
        return (rate_annual * self.penalty_multiple).quantize(RATE_PLACES, ROUND_HALF_UP)

    @property
    def offer(self) -> Offer:
        """Return the ranges and rates that risk judges by."""
        return Offer(amount_min=self.amount_min, amount_max=self.amount_max, grades=self.grades)


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """A version of a product and where it stands: draft, published, withdrawn."""

    id: UUID
    code: str
    category: str
    number: int
    terms: ProductTerms
    state: str
    drafted_by: str
    published_on: date | None
    withdrawn_on: date | None

    def at(self, on: date) -> VersionView:
        """Return the version with the terms of a contract made on `on`. Raises NoQuote."""
        return replace(self, terms=self.terms.at(on))

    @property
    def label(self) -> str:
        """Return what a decision cites: `consumer-monthly/1`."""
        return f"{self.code}/{self.number}"


@dataclass(frozen=True, kw_only=True)
class LoanCost:
    """What one loan costs: its rows, sums, and the annualised all-in cost in both ways.

    `simple` is 12 x the monthly internal rate, `compound` (1 + it) ** 12 - 1 (PBOC [2021] No. 3).
    """

    rows: tuple[Row, ...]
    totals: Totals
    simple: Decimal
    compound: Decimal

    def all_in(self, rate_annual: Decimal) -> Decimal:
        """Return what a cap is held against: the simple cost, or the contract rate if higher.

        In percent with two decimals, as rates are stated: instalments rounded to the fen move the
        internal rate by less.
        """
        return max(self.simple, rate_annual).quantize(STATED, ROUND_HALF_UP)


def list_products(on: date) -> tuple[VersionView, ...]:
    """Return the version in force of every product on offer on a date, in the order of codes."""
    rows = _in_force(on).order_by("product_id", "-published_on", "-number")
    latest: dict[str, ProductVersion] = {}
    for row in rows:
        latest.setdefault(row.product_id, row)
    return tuple(_view(row).at(on) for row in latest.values())


def get_product(code: str, on: date) -> VersionView:
    """Return the version of a product in force on a date; raises NotFound."""
    row = _in_force(on).filter(product_id=code).order_by("-published_on", "-number").first()
    if row is None:
        raise NotFound(what="product", value=code)
    return _view(row).at(on)


def get_version(version_id: UUID) -> VersionView:
    """Return one version, whatever its state; raises NotFound."""
    found = get_versions([version_id])
    if not found:
        raise NotFound(what="product-version")
    return found[version_id]


def get_versions(version_ids: Iterable[UUID]) -> dict[UUID, VersionView]:
    """Return versions by id in one query; unknown ids are left out."""
    rows = ProductVersion.objects.filter(pk__in=set(version_ids)).select_related("product")
    return {row.pk: _view(row) for row in rows}


def list_versions(code: str | None = None) -> tuple[VersionView, ...]:
    """Return every version, drafts too, newest first within a product: for the back office."""
    rows = ProductVersion.objects.select_related("product").order_by("product_id", "-number")
    return tuple(_view(row) for row in (rows.filter(product_id=code) if code else rows))


def terms_of(
    terms: ProductTerms, *, amount: Money, rate_annual: Decimal, term_count: int, start: date
) -> Terms:
    """Return what finance needs to make the schedule of one loan under these terms.

    Raises finance's BadTerms where no schedule could come of them.
    """
    return Terms(
        principal=amount.minor,
        rate_annual=Fraction(rate_annual),
        start=start,
        method=Method(terms.method),
        terms=term_count,
        every=Every(Unit(terms.every_unit), terms.every_count),
        day_count=terms.day_count,
        fees=tuple(Fee(fee.code, FeeAt(fee.at), fee.amount_on(amount).minor) for fee in terms.fees),
    )


def cost_of(
    terms: ProductTerms, *, amount: Money, rate_annual: Decimal, term_count: int, start: date
) -> LoanCost:
    """Return rows, sums and annualised cost of one loan started on `start`. Raises BadTerms."""
    found = quote(
        terms_of(terms, amount=amount, rate_annual=rate_annual, term_count=term_count, start=start)
    )
    return LoanCost(
        rows=tuple(found.schedule.rows),
        totals=found.schedule.totals,
        simple=Decimal(found.simple).quantize(RATE_PLACES, ROUND_HALF_UP),
        compound=Decimal(found.compound).quantize(RATE_PLACES, ROUND_HALF_UP),
    )


def account_codes(code: str) -> tuple[str, ...]:
    """Return the ledger accounts of a product."""
    return tuple(f"{family}:{code}" for family in ACCOUNT_FAMILIES)


ACCOUNT_FAMILIES = (
    "loan-principal",
    "interest-receivable",
    "penalty-receivable",
    "fee-receivable",
    "interest-income",
    "penalty-income",
    "fee-income",
)


def _in_force(on: date) -> QuerySet[ProductVersion]:
    return ProductVersion.objects.select_related("product").filter(
        Q(withdrawn_on=None) | Q(withdrawn_on__gt=on), published_on__lte=on
    )


def _view(row: ProductVersion) -> VersionView:
    state = "withdrawn" if row.withdrawn_on else "published" if row.published_on else "draft"
    return VersionView(
        id=row.pk,
        code=row.product_id,
        category=row.product.category,
        number=row.number,
        terms=_terms(row),
        state=state,
        drafted_by=row.drafted_by,
        published_on=row.published_on,
        withdrawn_on=row.withdrawn_on,
    )


def _terms(row: ProductVersion) -> ProductTerms:
    return ProductTerms(
        name_zh=row.name_zh,
        name_en=row.name_en,
        summary_zh=row.summary_zh,
        summary_en=row.summary_en,
        amount_min=Money(row.amount_min_minor),
        amount_max=Money(row.amount_max_minor),
        term_min=row.term_min,
        term_max=row.term_max,
        grades=tuple(GradeRate(one["grade"], Decimal(one["rate_annual"])) for one in row.grades),
        interest_period=row.interest_period,
        method=row.method,
        day_count=row.day_count,
        every_unit=row.every_unit,
        every_count=row.every_count,
        is_revolving=row.is_revolving,
        limit_months=row.limit_months,
        fees=tuple(_fee(one) for one in row.fees),
        grace_days=row.grace_days,
        penalty_multiple=row.penalty_multiple,
        is_penalty_on_interest=row.is_penalty_on_interest,
        prepayment=row.prepayment,
        prepayment_fee_rate=row.prepayment_fee_rate,
        prepayment_fee_free_after=row.prepayment_fee_free_after,
        allocation_order=row.allocation_order,
        borrowers=tuple(
            BorrowerTerms(
                party_kind=one["party_kind"],
                policy=one["policy"],
                documents=tuple(one["documents"]),
            )
            for one in row.borrowers
        ),
        purposes=tuple(row.purposes),
        reading_seconds=row.reading_seconds,
        offer_days=row.offer_days,
        four_eyes_above=Money(row.four_eyes_above_minor),
        floating=_floating(row),
        draws=_draws(row),
        security=_security(row),
    )


def _draws(row: ProductVersion) -> DrawTerms | None:
    if row.draws_most == 1:
        return None
    return DrawTerms(most=row.draws_most, days=row.draws_days, least=Money(row.draws_least_minor))


def _floating(row: ProductVersion) -> FloatTerms | None:
    if not row.float_reference:
        return None
    return FloatTerms(
        reference=row.float_reference,
        reset=row.float_reset,
        points=tuple((grade, int(points)) for grade, points in row.float_points),
    )


def _security(row: ProductVersion) -> SecurityTerms | None:
    if not row.security_kinds:
        return None
    return SecurityTerms(kinds=tuple(row.security_kinds), coverage_min=row.security_coverage_min)


def _fee(one: dict[str, str]) -> FeeTerms:
    return FeeTerms(
        code=one["code"],
        name_zh=one["name_zh"],
        name_en=one["name_en"],
        at=one["at"],
        amount=Money.yuan(one["amount"]) if "amount" in one else None,
        rate=Decimal(one["rate"]) if "rate" in one else None,
        collector=one["collector"],
    )
