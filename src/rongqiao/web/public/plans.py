"""A plan: one product with an amount, a term and a grade's rate, priced to the fen, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rongqiao.finance.money import Money
from rongqiao.lending.products.queries import LoanCost, ProductTerms, VersionView, cost_of
from rongqiao.web.borrower.words import float_words
from rongqiao.web.frame.charts import Chart, Series, stacked_bars
from rongqiao.web.templatetags.figures import lasting

METHODS: dict[str, tuple[Promise, Promise]] = {
    "equal_instalment": (gettext_lazy("等额本息"), gettext_lazy("每期还款额相同")),
    "equal_principal": (gettext_lazy("等额本金"), gettext_lazy("每期本金相同，利息逐期减少")),
    "interest_only": (gettext_lazy("先息后本"), gettext_lazy("每期只付利息，到期还本金")),
    "bullet": (gettext_lazy("一次性还本付息"), gettext_lazy("到期一次还清，中间不用还")),
    "flat": (gettext_lazy("等本等息"), gettext_lazy("每期本金与利息都相同")),
}


class Category(NamedTuple):
    """What a product is for, in a word and a picture."""

    label: Promise
    icon: str


CATEGORIES = {
    "consumer": Category(gettext_lazy("个人消费"), icon="wallet"),
    "working-capital": Category(gettext_lazy("企业经营"), icon="store"),
    "day-interest": Category(gettext_lazy("循环额度"), icon="repeat"),
    "interest-first": Category(gettext_lazy("先息后本"), icon="calendar-check"),
}
OTHER = Category(gettext_lazy("其他"), icon="landmark")
PERIODS: dict[str, Promise] = {
    "day": gettext_lazy("按日计息"),
    "month": gettext_lazy("按月计息"),
    "quarter": gettext_lazy("按季计息"),
}
KINDS: dict[str, Promise] = {
    "person": gettext_lazy("个人"),
    "organization": gettext_lazy("企业"),
}
# What a rate that floats is shown to cost more at.
DEARER = Decimal("0.01")
USUAL_TERMS = (1, 3, 6, 9, 12, 18, 24, 36, 48, 60)
# Where a page shows a loan nobody asked for yet, in yuan; held within the product's range.
USUAL_AMOUNT = {
    "consumer": "50000",
    "working-capital": "300000",
    "day-interest": "20000",
    "interest-first": "100000",
}


def in_language(chinese: str, english: str) -> str:
    """Return the one of two texts that fits the reader's language."""
    return english if (get_language() or "").startswith("en") else chinese


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a loan under a published product would cost if it started on `start`."""

    product: VersionView
    amount: Money
    term: int
    grade: str
    rate_annual: Decimal
    cost: LoanCost
    start: date

    @property
    def code(self) -> str:
        """Return how an address names the plan: `consumer-monthly:50000.00:12:C`."""
        return f"{self.product.code}:{self.amount.text()}:{self.term}:{self.grade}"

    @property
    def name(self) -> str:
        """Return the product's name in the reader's language."""
        return name_of(self.product)

    @property
    def method(self) -> Promise:
        """Return how it is repaid, in a word."""
        return METHODS[self.product.terms.method][0]

    @property
    def term_text(self) -> str:
        """Return the term in words."""
        return term_text(self.product.terms, self.term)

    @property
    def first(self) -> Money:
        """Return what falls due first."""
        return Money(self.cost.rows[0].payment)

    @property
    def last(self) -> Money:
        """Return what falls due last."""
        return Money(self.cost.rows[-1].payment)

    @property
    def usual(self) -> Money:
        """Return what falls due most of the time: the second instalment where there are several."""
        rows = self.cost.rows
        return Money(rows[1 if len(rows) > 2 else 0].payment)

    @property
    def usual_label(self) -> str:
        """Return what `usual` is called for this way of repaying."""
        return {
            "equal_instalment": _("每期应还"),
            "flat": _("每期应还"),
            "interest_only": _("每期付息（约）"),
            "bullet": _("到期一次应还"),
        }.get(self.product.terms.method, _("首期应还"))

    @property
    def beyond_principal(self) -> Money:
        """Return interest and fees together."""
        return Money(self.cost.totals.interest + self.cost.totals.fee)

    @property
    def floating(self) -> dict[str, object] | None:
        """Return how the rate floats and what one percentage point more costs; None if fixed."""
        floating, points = self.product.terms.floating, self.product.terms.points_of(self.grade)
        if floating is None or points is None:
            return None
        quote, rate = floating.quote(self.start), self.rate_annual + DEARER
        dearer = _cost(self.product.terms, self.amount, rate, self.term, self.start)
        return {
            **float_words(floating.reference, points, floating.reset),
            "quoted": quote.of(floating.reference),
            "quoted_on": quote.on,
            "more": Money(dearer.totals.interest - self.cost.totals.interest),
        }

    @property
    def parts(self) -> list[dict[str, object]]:
        """Return principal, interest and fee as lengths of a bar 1000 long, with their names."""
        totals = self.cost.totals
        shares = [
            ("bar-p", _("本金"), totals.principal),
            ("bar-i", _("利息"), totals.interest),
            ("bar-f", _("费用"), totals.fee),
        ]
        drawn: list[dict[str, object]] = []
        start = 0
        for look, name, minor in shares:
            width = minor * 1000 // totals.payment
            drawn.append({"look": look, "name": name, "minor": minor, "x": start, "width": width})
            start += width
        return [one for one in drawn if one["minor"]]

    @property
    def is_fee_charged(self) -> bool:
        """Tell whether anything but interest is charged."""
        return self.cost.totals.fee > 0

    def chart(self) -> Chart:
        """Return the picture of the instalments; the schedule's table is its twin."""
        rows = self.cost.rows
        stack = [
            Series(_("本金"), [row.principal for row in rows]),
            Series(_("利息"), [row.interest for row in rows]),
        ]
        if self.is_fee_charged:
            stack.append(Series(_("费用"), [row.fee for row in rows]))
        labels = [row.due_on.strftime("%Y-%m") for row in rows]
        label = _("%(count)d 期还款的本金与利息；下方表格是同样的数字") % {"count": len(rows)}
        return stacked_bars("plan-chart", label, labels, stack)


def plan_of(product: VersionView, amount: Money, term: int, grade: str, start: date) -> Plan:
    """Price a loan. Raises finance's BadTerms where no schedule comes of it."""
    rate = product.terms.offer.rate_of(grade)
    return Plan(
        product=product,
        amount=amount,
        term=term,
        grade=grade,
        rate_annual=rate,
        cost=_cost(product.terms, amount, rate, term, start),
        start=start,
    )


def usual_plan(product: VersionView, start: date) -> Plan:
    """Return the plan a page shows before anybody chose: a usual amount, a year, a middle grade."""
    terms = product.terms
    wanted = Money.yuan(USUAL_AMOUNT.get(product.category, "50000"))
    amount = min(max(wanted, terms.amount_min), terms.amount_max)
    return plan_of(product, amount, usual_term(terms), middle_grade(terms), start)


def usual_term(terms: ProductTerms) -> int:
    """Return how many terms a page shows before anybody chose: a year, within the product's."""
    return min(max(12 // terms.months_per_term, terms.term_min), terms.term_max)


def middle_grade(terms: ProductTerms) -> str:
    """Return the grade in the middle of the product's table."""
    return terms.grades[len(terms.grades) // 2].grade


def name_of(product: VersionView) -> str:
    """Return a product's name in the reader's language."""
    return in_language(product.terms.name_zh, product.terms.name_en)


def summary_of(product: VersionView) -> str:
    """Return a product's summary in the reader's language."""
    return in_language(product.terms.summary_zh, product.terms.summary_en)


def term_text(terms: ProductTerms, count: int) -> str:
    """Return a number of terms in words: `12 个月`."""
    return lasting(terms, count)


def terms_offered(terms: ProductTerms) -> list[tuple[int, str]]:
    """Return the terms a list offers, the product's own first and last among them."""
    inside = {one for one in USUAL_TERMS if terms.term_min <= one <= terms.term_max}
    counts = sorted(inside | {terms.term_min, terms.term_max})
    return [(count, term_text(terms, count)) for count in counts]


# The same few plans are asked for again and again: a home page, a slider moved back and forth.
@lru_cache(maxsize=2048)
def _cost(terms: ProductTerms, amount: Money, rate: Decimal, term: int, start: date) -> LoanCost:
    return cost_of(terms, amount=amount, rate_annual=rate, term_count=term, start=start)
