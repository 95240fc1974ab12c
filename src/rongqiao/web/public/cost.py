"""How a loan's cost is counted, shown on loans that anybody can check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongqiao.finance.money import Money
from rongqiao.finance.months import add_months
from rongqiao.finance.quote import quote
from rongqiao.finance.schedule.terms import Fee, FeeAt, Method, Terms
from rongqiao.platform import clock
from rongqiao.policies.caps import NoCapKnown, cap_on
from rongqiao.policies.packs import OperatorRole

PRINCIPAL = Money.yuan("120000")
TERMS = 12
NOMINAL = Fraction(72, 1000)


@dataclass(frozen=True, kw_only=True)
class Example:
    """One way of charging for the same loan, and what it comes to in a year."""

    name: Promise
    told: Promise
    first: Money
    beyond_principal: Money
    simple: Decimal
    compound: Decimal


def cost(request: HttpRequest) -> HttpResponse:
    """Explain both figures of the annualised cost, and the cap on it."""
    on = clock.calendar_date()
    shown = examples(on)
    top = max(example.simple for example in shown)
    content = {
        "examples": [(example, int(example.simple * 1000 / top)) for example in shown],
        "principal": PRINCIPAL,
        "terms": TERMS,
        "nominal": Decimal(NOMINAL.numerator) / NOMINAL.denominator,
        "cap": cap_today(on),
    }
    return render(request, "public/cost.html", content)


def examples(start: date) -> list[Example]:
    """Return four loans of one amount, term and stated rate, charged in four ways."""
    fee = (Fee("service", FeeAt.EACH, PRINCIPAL.minor * 3 // 1000),)
    return [
        _example(_("等额本息"), _("利息只按还没还的本金算"), start),
        _example(
            _("先息后本"),
            _("本金一直占用到最后，利息多，年化相同"),
            start,
            method=Method.INTEREST_ONLY,
        ),
        _example(_("等额本息，另收月服务费"), _("每期另收本金的 0.3%"), start, fees=fee),
        _example(
            _("等本等息"), _("利息始终按最初的本金算，还得越多越吃亏"), start, method=Method.FLAT
        ),
    ]


def cap_today(on: date) -> Decimal | None:
    """Return the cap on a one-year loan made today, where the operator's role has one."""
    try:
        return cap_on(OperatorRole(settings.OPERATOR_ROLE), on, add_months(on, TERMS)).rate
    except NoCapKnown:
        return None


def _example(name: Promise, told: Promise, start: date, **changes: Any) -> Example:
    found = quote(
        Terms(principal=PRINCIPAL.minor, rate_annual=NOMINAL, start=start, terms=TERMS, **changes)
    )
    totals = found.schedule.totals
    return Example(
        name=name,
        told=told,
        first=Money(found.schedule.payments[0]),
        beyond_principal=Money(totals.interest + totals.fee),
        simple=Decimal(found.simple),
        compound=Decimal(found.compound),
    )
