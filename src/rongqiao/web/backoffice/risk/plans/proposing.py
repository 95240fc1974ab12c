"""Propose a placement plan: assumptions line by line, the best split tried and then edited."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.finance.months import add_months
from rongqiao.lending.products.queries import list_products
from rongqiao.lending.servicing.queries.provisioning.rules import year_ahead
from rongqiao.platform import clock
from rongqiao.risk.operations.planning.deciding import PROPOSERS
from rongqiao.risk.operations.planning.propose_plan import (
    LONGEST_LINES,
    LONGEST_SOURCE,
    MOST_MONTHS,
    ProposePlan,
    propose_plan,
)
from rongqiao.risk.queries.policies.plans import (
    BadPlanLine,
    Line,
    NoSplit,
    expected_of,
    read_lines,
    split,
    total_of,
    written,
)
from rongqiao.web.backoffice.risk.plans.words import expected_chart, line_rows
from rongqiao.web.backoffice.risk.rooms import risk_room
from rongqiao.web.borrower.loans import product_names
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import KeyedForm, MoneyField, PercentField, WholeField, shown

TRY, OPEN = "try", "?"
MONTHS_OUT = 12
# Where in a line the amount, the cap, the cost of funds and of handling stand.
AMOUNT, CAP, FUNDS, COST = 2, 4, 6, 7
_MONTH = re.compile(r"20\d{2}-(0[1-9]|1[0-2])", re.ASCII)
# Why there is no split, in words.
NO_SPLIT = {
    "floors-over-budget": gettext_lazy("各行下限合计已超过预算，没有可行的分配。"),
    "floors-over-loss": gettext_lazy("各行下限的预期损失已超过上限，没有可行的分配。"),
}


class MonthField(forms.CharField):
    """A month such as 2026-02; cleans to its first day."""

    @override
    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if text in self.empty_values:
            return None
        if not _MONTH.fullmatch(text):
            raise ValidationError(
                _("%(field)s「%(value)s」不对：请按 2026-01 的样子填写。")
                % {"field": self.label, "value": shown(text)},
                code="month",
            )
        return date.fromisoformat(f"{text}-01")

    @override
    def prepare_value(self, value: Any) -> Any:
        return f"{value:%Y-%m}" if isinstance(value, date) else value


class PlanForm(KeyedForm):
    """A plan as it is to be; `?` in a line stands for what is said once for all lines."""

    first_month = MonthField(label=gettext_lazy("首月"))
    months = WholeField(label=gettext_lazy("月数"), least=1, most=MOST_MONTHS)
    budget = MoneyField(least=Money(1), most=Money(LARGEST_MINOR), label=gettext_lazy("预算（元）"))
    loss_ceiling = MoneyField(
        least=Money(0), most=Money(LARGEST_MINOR), label=gettext_lazy("预期损失上限（元）")
    )
    funds = PercentField(
        label=gettext_lazy("资金成本（年%）"),
        required=False,
        help_text=gettext_lazy("填入各行第 7 项的 ?"),
    )
    cost = PercentField(
        label=gettext_lazy("操作成本（年%）"),
        required=False,
        help_text=gettext_lazy("填入各行第 8 项的 ?"),
    )
    lines = forms.CharField(
        label=gettext_lazy("各行"),
        help_text=gettext_lazy(
            "每行：产品代码、等级、投放额、下限、上限（元）、年利率%、资金成本%、操作成本%、"
            "年违约率%、违约损失率%、平均占用月数。投放额 ? 由试算填入，上限 ? 即预算。"
        ),
        max_length=LONGEST_LINES,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "wrap": "off"}),
    )
    source = forms.CharField(
        label=gettext_lazy("依据"),
        help_text=gettext_lazy("违约率、损失率和成本从哪里来，是否实测"),
        max_length=LONGEST_SOURCE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    step = forms.CharField(
        label="step", required=False, max_length=8, widget=forms.HiddenInput, initial=""
    )

    @override
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        text = cleaned.get("lines")
        if text is None:
            return cleaned
        said = {
            AMOUNT: Money.zero().text(),
            CAP: _text(cleaned.get("budget")),
            FUNDS: _percent(cleaned.get("funds")),
            COST: _percent(cleaned.get("cost")),
        }
        try:
            cleaned["read"] = read_lines(_filled_in(text, said))
        except BadPlanLine as bad:
            self.add_error(
                "lines",
                ValidationError(
                    _("「%(value)s」读不懂：每行 11 项，? 只用于投放额、上限和两项成本。")
                    % {"value": shown(bad)},
                    code="lines",
                ),
            )
        return cleaned


@staff(*PROPOSERS)
def new_plan(request: HttpRequest) -> HttpResponse:
    """Show the form, try the best split, or put the plan forward."""
    form = PlanForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        if not form.is_bound:
            form.initial = _begun(clock.business_date())
        return _page(request, form, status=422 if form.is_bound else 200)
    said = form.cleaned_data
    if said["step"] == TRY:
        return _tried(request, form)
    command = ProposePlan(
        first_on=said["first_month"],
        months=said["months"],
        budget=said["budget"],
        loss_ceiling=said["loss_ceiling"],
        lines=written(said["read"]),
        source=said["source"],
    )
    done = form.attempt(lambda: propose_plan(command, form.call(request)))
    if done is None:
        return _page(request, form, status=422)
    messages.success(request, _("方案已提交，等待另一位放行。"))
    return redirect("plan", done.plan_id)


def _tried(request: HttpRequest, form: PlanForm) -> HttpResponse:
    """Show the form with the amounts of the largest expected profit filled in."""
    said = form.cleaned_data
    try:
        lines = split(said["read"], said["budget"], said["loss_ceiling"])
    except NoSplit as no:
        form.add_error("lines", ValidationError(str(NO_SPLIT[no.what]), code="no-split"))
        return _page(request, form, status=422)
    values = {name: said[name] for name in PlanForm.base_fields if name not in {"step", "lines"}}
    filled = PlanForm(initial=values | {"lines": written(lines)})
    return _page(request, filled, lines, said["budget"])


def _page(
    request: HttpRequest,
    form: PlanForm,
    lines: tuple[Line, ...] = (),
    budget: Money | None = None,
    status: int = 200,
) -> HttpResponse:
    rows = line_rows(lines, product_names()) if lines else []
    total = total_of(expected_of(line) for line in lines)
    context = risk_room(
        request,
        "plans",
        form=form,
        rows=rows,
        total=total,
        left=budget - total.amount if budget else None,
        chart=expected_chart(rows) if rows else None,
    )
    return render(request, "backoffice/risk/plans/new.html", context, status=status)


def _begun(on: date) -> dict[str, Any]:
    """Return what the form begins with: next month, the products' grades and rates of today.

    Chances of default are those that the allowance takes; what nobody told stays open.
    """
    ahead = year_ahead(on)
    lines = []
    for product in list_products(on):
        default, lost = ahead.of(product.code) if ahead else (None, None)
        for grade in product.terms.grades:
            words = (
                product.code,
                grade.grade,
                OPEN,
                "0",
                OPEN,
                _percent(grade.rate_annual),
                OPEN,
                OPEN,
                _percent(default),
                _percent(lost),
                str(MONTHS_OUT),
            )
            lines.append(" ".join(words))
    source = (
        _("违约率、损失率：损失准备参数第 %(number)s 版第一阶段，各等级相同（%(source)s）")
        % {"number": ahead.number, "source": ahead.source}
        if ahead
        else ""
    )
    return {
        "first_month": add_months(on.replace(day=1), 1),
        "months": 1,
        "lines": "\n".join(lines),
        "source": source[:LONGEST_SOURCE],
    }


def _filled_in(text: str, said: dict[int, str]) -> str:
    lines = []
    for line in text.splitlines():
        words = line.split()
        for place, value in said.items():
            if len(words) > place and words[place] == OPEN:
                words[place] = value
        lines.append(" ".join(words))
    return "\n".join(lines)


def _text(amount: Money | None) -> str:
    return amount.text() if amount is not None else OPEN


def _percent(fraction: Decimal | None) -> str:
    return OPEN if fraction is None else f"{(100 * fraction).normalize():f}"
