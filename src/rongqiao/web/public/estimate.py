"""A limit in under a minute: few answers, no log-in, no credit inquiry, nothing stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.vary import vary_on_headers

from rongqiao.finance.money import Money
from rongqiao.lending.products.queries import VersionView, list_products
from rongqiao.platform import clock
from rongqiao.platform.refusals import NotFound
from rongqiao.policies.credit.facts import NO_HISTORY, Facts
from rongqiao.risk.queries.judging import LimitEstimate, Reason, estimate_limit
from rongqiao.risk.queries.policies.versions import policy_on
from rongqiao.web.frame.forms import MoneyField, StrictForm, WholeField
from rongqiao.web.frame.reasons import Explanation, explain
from rongqiao.web.public.plans import KINDS, name_of, plan_of, term_text, usual_term

MOST_INCOME = Money(10**12)
MOST_MONTHS = 1200


class EstimateForm(StrictForm):
    """Four answers of a person; a firm adds its revenue."""

    monthly_income = MoneyField(
        label=gettext_lazy("每月到手收入"), least=Money(0), most=MOST_INCOME
    )
    monthly_debt_service = MoneyField(
        label=gettext_lazy("每月要还的其他借款"), least=Money(0), most=MOST_INCOME
    )
    months_established = WholeField(
        label=gettext_lazy("现在的工作做了多少个月"), least=0, most=MOST_MONTHS
    )
    term = WholeField(label=gettext_lazy("打算借多久（期）"), least=1, most=MOST_MONTHS)
    revenue_annual = MoneyField(
        label=gettext_lazy("上一年营业收入"), least=Money(0), most=MOST_INCOME
    )

    def __init__(self, *args: Any, version: VersionView, kind: str, **options: Any) -> None:
        """Ask what `version` wants to know of that `kind` of party."""
        super().__init__(*args, **options)
        term = self.fields["term"]
        assert isinstance(term, WholeField)
        term.least, term.most = version.terms.term_min, version.terms.term_max
        if kind == "organization":
            self.fields["monthly_income"].label = _("每月经营净现金流入")
            self.fields["months_established"].label = _("企业经营了多少个月")
        else:
            del self.fields["revenue_annual"]

    def facts(self, version: VersionView, kind: str) -> Facts:
        """Return the answers as risk judges them; the amount asked is the product's largest."""
        given = self.cleaned_data
        return Facts(
            on=clock.calendar_date(),
            party_kind=kind,
            amount=version.terms.amount_max,
            term_months=given["term"] * version.terms.months_per_term,
            monthly_income=given["monthly_income"],
            monthly_debt_service=given["monthly_debt_service"],
            months_established=given["months_established"],
            revenue_annual=given.get("revenue_annual"),
            history=NO_HISTORY,
        )


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A kind of party with a product it may ask for."""

    kind: str
    version: VersionView
    label: str

    @property
    def query(self) -> str:
        """Return the tab's part of the address."""
        return f"?who={self.kind}&product={self.version.code}"


@vary_on_headers("HX-Request")
def estimate(request: HttpRequest) -> HttpResponse:
    """Ask, and answer with a range, its reasons and what to do next."""
    tabs = _tabs()
    if not tabs:
        return render(request, "public/nothing.html")
    tab = _chosen(tabs, request)
    answers = {name: value for name, value in request.GET.items() if name not in ("who", "product")}
    form = EstimateForm(answers or None, version=tab.version, kind=tab.kind)
    form.fields["term"].initial = usual_term(tab.version.terms)
    found = None
    if form.is_bound and form.is_valid():
        policy = policy_on(_policy_code(tab), clock.calendar_date())
        found = estimate_limit(form.facts(tab.version, tab.kind), policy, tab.version.terms.offer)
    content = {
        "form": form,
        "tab": tab,
        "tabs": tabs,
        "found": found,
        "reasons": [explained(reason) for reason in found.reasons] if found else [],
        "band": band(found, tab.version) if found else None,
        "floating": _floating(found, tab.version, form.cleaned_data["term"]) if found else None,
        "term_text": term_text(tab.version.terms, form.cleaned_data["term"]) if found else "",
    }
    is_part = "HX-Request" in request.headers
    template = "public/parts/estimate.html" if is_part else "public/estimate.html"
    return render(request, template, content, status=422 if form.errors and not is_part else 200)


def _floating(found: LimitEstimate, version: VersionView, term: int) -> dict[str, object] | None:
    """Return how the rate floats, and what one percentage point more would cost at the top."""
    grades = version.terms.grades
    grade = next((one.grade for one in grades if one.rate_annual == found.rate_annual_high), "")
    if version.terms.floating is None or not found.amount_high:
        return None
    return plan_of(version, found.amount_high, term, grade, clock.calendar_date()).floating


def explained(reason: Reason) -> Explanation:
    """Return a reason in words; a score without facts says no more than that."""
    if reason.code == "score-too-low" and not reason.facts:
        return Explanation(
            why=_("按这些回答，综合评分低于产品的最低要求。"),
            helps=_("减少现有负债、工作或经营更久之后再来看看。"),
        )
    return explain(reason.code, dict(reason.facts))


def band(found: LimitEstimate, version: VersionView) -> dict[str, int]:
    """Return where the range lies between nothing and the product's largest amount, in 1/1000."""
    most = version.terms.amount_max.minor
    low, high = (one.minor * 1000 // most for one in (found.amount_low, found.amount_high))
    return {"low": low, "high": max(high - low, 8), "end": high}


def _tabs() -> tuple[Tab, ...]:
    products = list_products(clock.calendar_date())
    return tuple(
        Tab(
            kind=borrower.party_kind,
            version=version,
            label=f"{KINDS[borrower.party_kind]} · {name_of(version)}",
        )
        for kind in KINDS
        for version in products
        for borrower in version.terms.borrowers
        if borrower.party_kind == kind
    )


def _chosen(tabs: tuple[Tab, ...], request: HttpRequest) -> Tab:
    kind, code = request.GET.get("who"), request.GET.get("product")
    for tab in tabs:
        if kind in (None, tab.kind) and code in (None, tab.version.code):
            return tab
    raise NotFound(what="product", value=str(code)[:40])


def _policy_code(tab: Tab) -> str:
    borrower = tab.version.terms.borrower(tab.kind)
    assert borrower is not None
    return borrower.policy
