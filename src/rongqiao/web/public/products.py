"""Products as a visitor sees them: a list to choose from, and one page with all of the terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from rongqiao.lending.products.queries import FeeTerms, VersionView, get_product, list_products
from rongqiao.platform import clock
from rongqiao.web.borrower.words import demand_words
from rongqiao.web.frame.reasons import shown_name
from rongqiao.web.public.plans import (
    CATEGORIES,
    KINDS,
    METHODS,
    OTHER,
    PERIODS,
    Category,
    Plan,
    in_language,
    name_of,
    plan_of,
    summary_of,
    term_text,
    usual_plan,
)


@dataclass(frozen=True, kw_only=True)
class Card:
    """A product in a list. `simple_min` to `simple_max` is the all-in cost over its grades."""

    product: VersionView
    name: str
    summary: str
    category: Category
    method: Promise
    method_note: Promise
    period: Promise | str
    who: str
    terms_text: tuple[str, str]
    simple_min: Decimal
    simple_max: Decimal
    compound_max: Decimal
    plan: Plan


def card_of(product: VersionView, on: date) -> Card:
    """Return the card of a product; its costs are those of a usual loan from that day."""
    terms = product.terms
    plan = usual_plan(product, on)
    ends = [
        plan_of(product, plan.amount, plan.term, grade.grade, on).cost
        for grade in (terms.grades[0], terms.grades[-1])
    ]
    return Card(
        product=product,
        name=name_of(product),
        summary=summary_of(product),
        category=CATEGORIES.get(product.category, OTHER),
        method=METHODS[terms.method][0],
        method_note=METHODS[terms.method][1],
        period=PERIODS.get(terms.interest_period, terms.interest_period),
        who=" / ".join(str(KINDS[one.party_kind]) for one in terms.borrowers),
        terms_text=(term_text(terms, terms.term_min), term_text(terms, terms.term_max)),
        simple_min=min(cost.simple for cost in ends),
        simple_max=max(cost.simple for cost in ends),
        compound_max=max(cost.compound for cost in ends),
        plan=plan,
    )


def product_list(request: HttpRequest) -> HttpResponse:
    """List what is on offer today."""
    on = clock.calendar_date()
    cards = [card_of(product, on) for product in list_products(on)]
    return render(request, "public/products.html", {"cards": cards})


def product_detail(request: HttpRequest, code: str) -> HttpResponse:
    """Show every term of a product, its rate table and what a usual loan costs."""
    on = clock.calendar_date()
    product = get_product(code, on)
    card = card_of(product, on)
    grades = [
        (grade, plan_of(product, card.plan.amount, card.plan.term, grade.grade, on))
        for grade in product.terms.grades
    ]
    borrowers = [
        (KINDS[one.party_kind], [shown_name(document) for document in one.documents])
        for one in product.terms.borrowers
    ]
    content = {
        "card": card,
        "terms": product.terms,
        "grades": grades,
        "borrowers": borrowers,
        "fees": [fee_line(fee) for fee in product.terms.fees],
        "purposes": [shown_name(purpose) for purpose in product.terms.purposes],
        "demand": demand_words(product.terms.security),
        "penalty_max": product.terms.penalty_rate(product.terms.rate_max),
    }
    return render(request, "public/product.html", content)


def fee_line(fee: FeeTerms) -> dict[str, object]:
    """Return a fee as the page lists it."""
    return {
        "name": in_language(fee.name_zh, fee.name_en),
        "rate": fee.rate,
        "amount": fee.amount,
        "at": fee.at,
    }
