"""Plans side by side, up to four, all of them in the address so that a link shows the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from rongqiao.finance.money import BadAmount, Money
from rongqiao.finance.schedule.terms import BadTerms
from rongqiao.lending.products.queries import VersionView, list_products
from rongqiao.platform import clock
from rongqiao.web.frame.forms import shown
from rongqiao.web.public.calculator import PlanForm, chosen
from rongqiao.web.public.plans import Plan, name_of, plan_of, usual_plan

MOST_PLANS = 4


@dataclass(frozen=True, kw_only=True)
class Column:
    """A plan in the table, the links that leave it out or open it, and what it is best at."""

    plan: Plan
    without: str
    is_lowest_rate: bool
    is_lowest_cost: bool


def compare(request: HttpRequest) -> HttpResponse:
    """Show the plans of the address; one given by the form below joins them."""
    products = list_products(clock.calendar_date())
    if not products:
        return render(request, "public/nothing.html")
    plans, wrong = _read(request.GET.getlist("plan"), products)
    if "product" in request.GET:
        return _join(request, products, plans)
    version = products[0]
    form = _form(version)
    return _show(request, products, plans or _usual(products, wrong), form, wrong)


def _join(
    request: HttpRequest, products: tuple[VersionView, ...], plans: list[Plan]
) -> HttpResponse:
    version = chosen(products, request.GET.get("product"))
    given = {name: value for name, value in request.GET.items() if name != "plan"}
    form = PlanForm(given, version=version)
    plan = form.plan()
    if plan and len(plans) >= MOST_PLANS:
        form.add_error(
            None, _("最多同时对比 %(most)d 个方案，请先移除一个。") % {"most": MOST_PLANS}
        )
    if plan is None or form.errors:
        return _show(request, products, plans, form, [])
    codes = dict.fromkeys([*(one.code for one in plans), plan.code])
    return redirect(f"{reverse('compare')}?{_query(codes)}")


def _show(
    request: HttpRequest,
    products: tuple[VersionView, ...],
    plans: list[Plan],
    form: PlanForm,
    wrong: list[str],
) -> HttpResponse:
    content = {
        "columns": _columns(plans),
        "form": form,
        "wrong": wrong,
        "is_full": len(plans) >= MOST_PLANS,
        "same_amount": len({plan.amount for plan in plans}) < 2,
        "tabs": [
            (
                one.code,
                name_of(one),
                one.code == form.version.code,
                usual_plan(one, clock.calendar_date()),
            )
            for one in products
        ],
    }
    return render(request, "public/compare.html", content, status=422 if form.errors else 200)


def _columns(plans: list[Plan]) -> list[Column]:
    lowest_rate = min((plan.cost.simple for plan in plans), default=None)
    lowest_cost = min((plan.beyond_principal for plan in plans), default=None)
    is_fair = len(plans) > 1 and len({plan.amount for plan in plans}) == 1
    codes = [plan.code for plan in plans]
    return [
        Column(
            plan=plan,
            without=_query(code for code in codes if code != plan.code),
            is_lowest_rate=len(plans) > 1 and plan.cost.simple == lowest_rate,
            is_lowest_cost=is_fair and plan.beyond_principal == lowest_cost,
        )
        for plan in plans
    ]


def _read(codes: list[str], products: tuple[VersionView, ...]) -> tuple[list[Plan], list[str]]:
    """Return the plans that the codes name, at most four, and a sentence for each that is none."""
    by_code = {one.code: one for one in products}
    plans, wrong = [], []
    for code in dict.fromkeys(codes[: 2 * MOST_PLANS]):
        try:
            name, amount, term, grade = code.split(":")
            plans.append(_plan(by_code[name], amount, term, grade))
        except (ValueError, KeyError, BadAmount, BadTerms):
            wrong.append(
                _("方案「%(value)s」看不懂或不在产品范围内，没有放进对比。")
                % {"value": shown(code)}
            )
    return plans[:MOST_PLANS], wrong


def _plan(version: VersionView, amount: str, term: str, grade: str) -> Plan:
    given = {"product": version.code, "amount": amount, "term": term, "grade": grade}
    form = PlanForm(given, version=version)
    plan = form.plan()
    if plan is None:
        raise ValueError(amount)
    return plan


def _usual(products: tuple[VersionView, ...], wrong: list[str]) -> list[Plan]:
    """Return one plan of each product for the same amount, to begin with."""
    if wrong:
        return []
    least = max(one.terms.amount_min for one in products)
    most = min(one.terms.amount_max for one in products)
    amount = min(max(Money.yuan("100000"), least), most)
    if least > most:
        return [usual_plan(one, clock.calendar_date()) for one in products[:MOST_PLANS]]
    usual = (usual_plan(one, clock.calendar_date()) for one in products[:MOST_PLANS])
    return [plan_of(one.product, amount, one.term, one.grade, one.start) for one in usual]


def _form(version: VersionView) -> PlanForm:
    usual = usual_plan(version, clock.calendar_date())
    initial = {
        "product": version.code,
        "amount": usual.amount.text(),
        "term": usual.term,
        "grade": usual.grade,
    }
    return PlanForm(initial=initial, version=version)


def _query(codes: Iterable[str]) -> str:
    return urlencode([("plan", code) for code in codes])
