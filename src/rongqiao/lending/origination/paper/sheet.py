"""综合融资成本明示表: what a loan costs in all, and that nothing else is asked.

Source: 个人贷款业务明示综合融资成本规定 (in force 2026-08-01): principal; each fee with its way,
standard and collector; the annualised cost; contingent default items; the statement that nothing
else is charged. The platform shows it for every contract, whatever its date.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongqiao.finance.money import Money
from rongqiao.lending.products.queries import LoanCost, ProductTerms, cost_of
from rongqiao.platform.operations import canonical
from rongqiao.policies.caps import Cap

SHEET_VERSION = "sheet-2"
DEARER = Decimal("0.01")
BASIS = ("disclosure.all_in_cost_sheet", "disclosure.annual_rate")


@dataclass(frozen=True, kw_only=True)
class SheetFee:
    """A fee: when it falls, its standard (a rate of principal or an amount), sum, collector."""

    code: str
    name_zh: str
    name_en: str
    at: str
    rate: Decimal | None
    amount_each: Money
    amount_total: Money
    collector: str


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """One instalment as planned."""

    no: int
    due_on: date
    principal: Money
    interest: Money
    fee: Money
    payment: Money
    balance: Money


@dataclass(frozen=True, kw_only=True)
class Contingent:
    """What is owed only if something happens: `penalty-interest` or `prepayment-fee`.

    `rate` is annual for the first, a share of the principal paid early for the second; `bound` is
    days of grace, or after how many paid instalments nothing is taken.
    """

    code: str
    rate: Decimal
    is_on_interest_too: bool
    bound: int


@dataclass(frozen=True, kw_only=True)
class SheetFloat:
    """How the rate floats: `points` over the quote of a reference, reset by a calendar.

    `dearer` is what a rate one percentage point higher from the first day would add to interest.
    """

    reference: str
    quoted: Decimal
    quoted_on: date
    points: int
    reset: str
    dearer: Money


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The whole sheet, of plain values."""

    version: str
    basis: tuple[str, ...]
    product: str
    is_limit: bool
    principal: Money
    rate_annual: Decimal
    term_count: int
    months_per_term: int
    method: str
    day_count: str
    interest_period: str
    starts_on: date
    ends_on: date
    interest_total: Money
    fees: tuple[SheetFee, ...]
    fee_total: Money
    payment_total: Money
    all_in_simple: Decimal
    all_in_compound: Decimal
    contingent: tuple[Contingent, ...]
    cap_rate: Decimal
    cap_rules: tuple[str, ...]
    is_nothing_else_charged: bool
    rows: tuple[SheetRow, ...]
    floating: SheetFloat | None = None

    @property
    def sha256(self) -> str:
        """Return the hash of the sheet's canonical text."""
        return hashlib.sha256(canonical(self).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A loan to be priced: the product's version and the terms offered.

    `points` are those over the reference where the rate floats.
    """

    product: str
    terms: ProductTerms
    is_limit: bool
    amount: Money
    rate_annual: Decimal
    term_count: int
    points: int | None = None

    def cost(self, start: date, more: Decimal = Decimal(0)) -> LoanCost:
        """Return what the loan costs if it starts on `start`, at so much more a year.

        Raises finance's BadTerms.
        """
        return cost_of(
            self.terms,
            amount=self.amount,
            rate_annual=self.rate_annual + more,
            term_count=self.term_count,
            start=start,
        )


def sheet_of(priced: Priced, cost: LoanCost, start: date, cap: Cap) -> Sheet:
    """Return the sheet of a loan that starts on `start`, under the cap of that contract date."""
    terms = priced.terms
    return Sheet(
        version=SHEET_VERSION,
        basis=BASIS,
        product=priced.product,
        is_limit=priced.is_limit,
        principal=priced.amount,
        rate_annual=priced.rate_annual,
        term_count=priced.term_count,
        months_per_term=terms.months_per_term,
        method=terms.method,
        day_count=terms.day_count,
        interest_period=terms.interest_period,
        starts_on=start,
        ends_on=cost.rows[-1].due_on,
        interest_total=Money(cost.totals.interest),
        fees=_fees(priced, len(cost.rows)),
        fee_total=Money(cost.totals.fee),
        payment_total=Money(cost.totals.payment),
        all_in_simple=cost.simple,
        all_in_compound=cost.compound,
        contingent=_contingent(terms, priced.rate_annual),
        cap_rate=cap.rate,
        cap_rules=cap.keys,
        is_nothing_else_charged=True,
        rows=tuple(
            SheetRow(
                no=row.no,
                due_on=row.due_on,
                principal=Money(row.principal),
                interest=Money(row.interest),
                fee=Money(row.fee),
                payment=Money(row.payment),
                balance=Money(row.balance),
            )
            for row in cost.rows
        ),
        floating=_floating(priced, cost, start),
    )


def _floating(priced: Priced, cost: LoanCost, start: date) -> SheetFloat | None:
    floating = priced.terms.floating
    if floating is None or priced.points is None:
        return None
    quote, dearer = floating.quote(start), priced.cost(start, DEARER)
    return SheetFloat(
        reference=floating.reference,
        quoted=quote.of(floating.reference),
        quoted_on=quote.on,
        points=priced.points,
        reset=floating.reset,
        dearer=Money(dearer.totals.interest - cost.totals.interest),
    )


def _fees(priced: Priced, rows: int) -> tuple[SheetFee, ...]:
    shown = []
    for fee in priced.terms.fees:
        each = fee.amount_on(priced.amount)
        shown.append(
            SheetFee(
                code=fee.code,
                name_zh=fee.name_zh,
                name_en=fee.name_en,
                at=fee.at,
                rate=fee.rate,
                amount_each=each,
                amount_total=Money(each.minor * (rows if fee.at == "each" else 1)),
                collector=fee.collector,
            )
        )
    return tuple(shown)


def _contingent(terms: ProductTerms, rate_annual: Decimal) -> tuple[Contingent, ...]:
    items = [
        Contingent(
            code="penalty-interest",
            rate=terms.penalty_rate(rate_annual),
            is_on_interest_too=terms.is_penalty_on_interest,
            bound=terms.grace_days,
        )
    ]
    if terms.prepayment_fee_rate:
        items.append(
            Contingent(
                code="prepayment-fee",
                rate=terms.prepayment_fee_rate,
                is_on_interest_too=False,
                bound=terms.prepayment_fee_free_after,
            )
        )
    return tuple(items)
