"""One placement plan: what it expects, what was lent since, and what a second person does."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.queries.portfolio import LentLine, lent_between
from rongqiao.risk.operations.planning.decide_plan import DecidePlan, decide_plan
from rongqiao.risk.operations.planning.deciding import DECIDERS, PROPOSERS
from rongqiao.risk.queries.policies.plans import PlanHead, PlanView, get_plan
from rongqiao.web.backoffice.finance.acts import (
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.risk.plans.words import expected_chart, head_row, line_rows
from rongqiao.web.backoffice.risk.rooms import PLAN_READERS, risk_room
from rongqiao.web.borrower.loans import product_names
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.charts import Chart, Series, stacked_bars

VERBS = {
    "release": Verb(
        label=gettext_lazy("放行"),
        says=gettext_lazy("这些月份按这份方案比较；月份相同的旧方案由它取代。"),
        run=lambda pk, _said, call: decide_plan(DecidePlan(plan_id=pk, word="release"), call),
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("这份方案不生效。"),
        run=lambda pk, _said, call: decide_plan(DecidePlan(plan_id=pk, word="decline"), call),
        tone="error",
    ),
    "withdraw": Verb(
        label=gettext_lazy("撤回"),
        says=gettext_lazy("不再提出这份方案。"),
        run=lambda pk, _said, call: decide_plan(DecidePlan(plan_id=pk, word="withdraw"), call),
        tone="error",
    ),
}


@staff(*PLAN_READERS)
def plan_page(request: HttpRequest, plan_id: UUID) -> HttpResponse:
    """Show one plan."""
    return _page(request, plan_id)


@require_POST
@staff(*{*DECIDERS, *PROPOSERS})
def act(request: HttpRequest, plan_id: UUID, verb: str) -> HttpResponse:
    """Release a plan, decline it or take it back."""
    refused = attempt(request, VERBS, verb, plan_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("plan", plan_id)
    return _page(request, plan_id, refused)


def _page(request: HttpRequest, plan_id: UUID, refused: Refused | None = None) -> HttpResponse:
    plan, names = get_plan(plan_id), product_names()
    head = plan.head
    rows = line_rows(plan.lines, names)
    actual = _beside(rows, lent_between(head.first_on, head.last_on), names)
    if file := download(request, _file(plan, actual)):
        return file
    fitting = _fitting(request, head)
    context = risk_room(
        request,
        "plans",
        **head_row(head),
        rows=rows,
        total=plan.total,
        actual=actual,
        lent_in_all=_sum(actual, "lent"),
        interest_in_all=_sum(actual, "interest"),
        given_up_in_all=_sum(actual, "given_up"),
        bad_in_all=_sum(actual, "not_performing"),
        charts=[_lent_chart(actual), expected_chart(rows)],
        verbs=shown_verbs(
            VERBS, fitting, lambda verb: reverse("plan-act", args=[head.id, verb]), refused
        ),
        is_mine=head.state == "proposed" and head.proposed_by == f"user:{request.user.pk}",
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/risk/plans/plan.html", context, status=status)


def _fitting(request: HttpRequest, head: PlanHead) -> list[str]:
    """Return the verbs that fit the plan as it stands and the person who looks."""
    held = roles_held(request)
    if head.state != "proposed":
        return []
    if head.proposed_by == f"user:{request.user.pk}":
        return ["withdraw"] if held & set(PROPOSERS) else []
    return ["release", "decline"] if held & set(DECIDERS) else []


def _beside(
    rows: Sequence[dict[str, Any]], lent: Sequence[LentLine], names: dict[str, str]
) -> list[dict[str, Any]]:
    """Return plan and loans side by side; what was lent outside the plan comes last."""
    found = {(one.product_code, one.grade): one for one in lent}
    planned = {(row["line"].product_code, row["line"].grade): row for row in rows}
    return [_pair(key, planned.get(key), found.get(key), names) for key in {**planned, **found}]


def _pair(
    key: tuple[str, str],
    row: dict[str, Any] | None,
    lent: LentLine | None,
    names: dict[str, str],
) -> dict[str, Any]:
    none = Money.zero()
    planned = row["line"].amount if row else none
    done = lent.lent if lent else none
    return {
        "product": names.get(key[0], key[0]),
        "grade": key[1],
        "row": row,
        "planned": planned,
        "expected_interest": row["expected"].interest if row else none,
        "loans": lent.loans if lent else 0,
        "lent": done,
        "done": Fraction(done.minor, planned.minor) if planned else None,
        "interest": lent.interest if lent else none,
        "given_up": lent.given_up if lent else none,
        "not_performing": lent.not_performing if lent else none,
    }


def _sum(rows: Sequence[dict[str, Any]], name: str) -> Money:
    return sum((row[name] for row in rows), Money.zero())


def _lent_chart(actual: Sequence[dict[str, Any]]) -> Chart:
    """Return what was lent of each line, what is left of it, and what goes beyond it."""
    pairs = [(one["planned"].minor, one["lent"].minor) for one in actual]
    return stacked_bars(
        "lent-chart",
        _("计划与实际投放"),
        [f"{one['product']} {one['grade']}" for one in actual],
        [
            Series(_("计划内已投放"), [min(plan, lent) for plan, lent in pairs]),
            Series(_("计划内未投放"), [max(plan - lent, 0) for plan, lent in pairs]),
            Series(_("超出计划"), [max(lent - plan, 0) for plan, lent in pairs]),
        ],
    )


def _file(plan: PlanView, actual: Sequence[dict[str, Any]]) -> Table:
    return Table(
        name=f"placement-plan-{plan.head.number}",
        title=_("投放方案"),
        facts=(
            (_("方案"), plan.head.number),
            (_("首月"), f"{plan.head.first_on:%Y-%m}"),
            (_("末月"), f"{plan.head.last_on:%Y-%m}"),
            (_("预算"), plan.head.budget),
            (_("预期损失上限"), plan.head.loss_ceiling),
            (_("预期利润"), plan.total.profit),
            (_("依据"), plan.head.source),
        ),
        heads=(
            _("产品"),
            _("等级"),
            _("计划投放"),
            _("下限"),
            _("上限"),
            _("年利率"),
            _("资金成本率"),
            _("操作成本率"),
            _("年违约率"),
            _("违约损失率"),
            _("平均占用月数"),
            _("预期利息"),
            _("资金成本"),
            _("操作成本"),
            _("预期损失"),
            _("预期利润"),
            _("笔数"),
            _("实际投放"),
            _("已得利息"),
            _("已核销未收回"),
            _("不良余额"),
        ),
        rows=lambda: (_cells(one) for one in actual),
    )


def _cells(one: dict[str, Any]) -> Sequence[Any]:
    ends = (
        one["loans"],
        one["lent"],
        one["interest"],
        one["given_up"],
        one["not_performing"],
    )
    if one["row"] is None:
        return (one["product"], one["grade"], one["planned"], *[None] * 13, *ends)
    line, expected = one["row"]["line"], one["row"]["expected"]
    return (
        one["product"],
        one["grade"],
        line.amount,
        line.floor,
        line.cap,
        line.rate,
        line.funds,
        line.cost,
        line.default_rate,
        line.loss_given_default,
        line.months,
        expected.interest,
        expected.funds,
        expected.cost,
        expected.loss,
        expected.profit,
        *ends,
    )
