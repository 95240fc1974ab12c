"""The calculator: an amount, a term and a grade in the address; schedule and true cost below."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.vary import vary_on_headers

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.finance.schedule.terms import MOST_TERMS, BadTerms
from rongqiao.lending.products.queries import VersionView, list_products
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.web.frame.forms import MoneyField, StrictForm, WholeField
from rongqiao.web.public.plans import Plan, name_of, plan_of, terms_offered, usual_plan
from rongqiao.web.templatetags.figures import percent


class PlanForm(StrictForm):
    """What a plan needs, within the ranges of one product."""

    product = forms.CharField(widget=forms.HiddenInput)
    amount = MoneyField(label=gettext_lazy("借款金额"), least=Money(1), most=Money(LARGEST_MINOR))
    term = WholeField(label=gettext_lazy("借款期限"), least=1, most=MOST_TERMS)
    grade = forms.ChoiceField(label=gettext_lazy("利率档位"))

    def __init__(self, *args: Any, version: VersionView, **options: Any) -> None:
        """Allow what `version` allows."""
        super().__init__(*args, **options)
        self.version = version
        amount, term, grade = (self.fields[name] for name in ("amount", "term", "grade"))
        assert isinstance(amount, MoneyField)
        assert isinstance(term, WholeField)
        assert isinstance(grade, forms.ChoiceField)
        amount.least, amount.most = version.terms.amount_min, version.terms.amount_max
        term.least, term.most = version.terms.term_min, version.terms.term_max
        grade.choices = [
            (
                one.grade,
                _("%(grade)s 档 · 年利率 %(rate)s")
                % {"grade": one.grade, "rate": percent(one.rate_annual)},
            )
            for one in version.terms.grades
        ]

    def plan(self) -> Plan | None:
        """Return the plan, priced; None where a field is wrong or no schedule comes of it."""
        if not self.is_valid():
            return None
        given = self.cleaned_data
        try:
            return plan_of(
                self.version, given["amount"], given["term"], given["grade"], clock.calendar_date()
            )
        except BadTerms as problem:
            self.add_error(None, _("这组条件排不出还款计划：%(why)s") % {"why": str(problem)})
            return None


@vary_on_headers("HX-Request")
def calculator(request: HttpRequest) -> HttpResponse:
    """Show form and result; the slider asks for the result alone."""
    products = list_products(clock.calendar_date())
    if not products:
        return render(request, "public/nothing.html")
    version = chosen(products, request.GET.get("product"))
    usual = usual_plan(version, clock.calendar_date())
    given = {
        "product": version.code,
        "amount": usual.amount.text().removesuffix(".00"),
        "term": str(usual.term),
        "grade": usual.grade,
        **{name: value for name, value in request.GET.items() if name != "product"},
    }
    form = PlanForm(given, version=version)
    plan = form.plan()
    content = {
        "form": form,
        "terms": version.terms,
        "plan": plan,
        "chart": plan.chart() if plan else None,
        "version": version,
        "steps": slider_step(version),
        "term_choices": terms_offered(version.terms),
        "tabs": [(one.code, name_of(one), one.code == version.code) for one in products],
    }
    is_part = "HX-Request" in request.headers
    template = "public/parts/plan.html" if is_part else "public/calculator.html"
    return render(request, template, content, status=200 if plan or is_part else 422)


def chosen(products: tuple[VersionView, ...], code: str | None) -> VersionView:
    """Return the product named, or the first; raises NotFound for one that is not on offer."""
    if code is None:
        return products[0]
    found = next((one for one in products if one.code == code), None)
    if found is None:
        raise NotFound(what="product", value=code[:40])
    return found


def slider_step(version: VersionView) -> int:
    """Return the slider's step in yuan: a round figure, about two hundred stops in all."""
    span = (version.terms.amount_max.minor - version.terms.amount_min.minor) // 100
    return next(step for step in (100, 500, 1000, 5000, 10_000, 10**9) if span <= step * 500)
