"""The allowance for loan losses at the desk: valued, put forward, booked by a second person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.servicing.operations.provisioning.calculate_allowance import (
    CalculateAllowance,
    calculate_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.decide_allowance import (
    DecideAllowance,
    decide_allowance,
)
from rongqiao.lending.servicing.operations.provisioning.deciding import DECIDERS, PROPOSERS
from rongqiao.lending.servicing.operations.provisioning.propose_allowance import (
    ProposeAllowance,
    propose_allowance,
)
from rongqiao.lending.servicing.queries.provisioning.runs import (
    LineView,
    ProductView,
    RunHead,
    RunView,
    UndrawnView,
    allowance_now,
    get_run,
    latest_run,
    list_runs,
)
from rongqiao.platform import clock
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import Words, officer
from rongqiao.web.backoffice.portfolio.rooms import CLASSES, RISK_READERS, TABS
from rongqiao.web.borrower.loans import product_names
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.charts import Chart, Series, stacked_bars
from rongqiao.web.frame.forms import KeyedForm, MoneyField, first_error

STAGES = {
    1: gettext_lazy("第一阶段"),
    2: gettext_lazy("第二阶段"),
    3: gettext_lazy("第三阶段"),
}
STATES: Words = {
    "calculated": gettext_lazy("已测算"),
    "waiting": gettext_lazy("待复核"),
    "approved": gettext_lazy("已入账"),
    "declined": gettext_lazy("已驳回"),
    "withdrawn": gettext_lazy("已撤回"),
}
TONES = {"waiting": "info", "approved": "success", "declined": "error"}


class ApproveForm(PlainForm):
    """The movement the second person read: another one is not approved."""

    expected = MoneyField(
        least=Money(-LARGEST_MINOR),
        most=Money(LARGEST_MINOR),
        label="expected",
        widget=forms.HiddenInput,
    )


VERBS = {
    "submit": Verb(
        label=gettext_lazy("提交复核"),
        says=gettext_lazy("请另一位财务复核后入账；此前账簿不变。"),
        run=lambda pk, _said, call: propose_allowance(ProposeAllowance(run_id=pk), call),
        tone="primary",
    ),
    "approve": Verb(
        label=gettext_lazy("批准入账"),
        says=gettext_lazy("按测算日入账：增加记信用减值损失，减少冲回。批准后不能撤销。"),
        run=lambda pk, said, call: decide_allowance(
            DecideAllowance(run_id=pk, word="approve", expected=said["expected"]), call
        ),
        form=ApproveForm,
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("这次测算不入账。"),
        run=lambda pk, said, call: decide_allowance(
            DecideAllowance(run_id=pk, word="decline", reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "withdraw": Verb(
        label=gettext_lazy("撤回"),
        says=gettext_lazy("不再提出这次计提；账簿不变。"),
        run=lambda pk, _said, call: decide_allowance(
            DecideAllowance(run_id=pk, word="withdraw"), call
        ),
        tone="error",
    ),
}


@staff(*RISK_READERS)
def newest(request: HttpRequest) -> HttpResponse:
    """Show the latest valuation, or how to make the first one."""
    run_id = latest_run()
    if run_id is None:
        return render(request, "backoffice/allowance/run.html", _room(request, None))
    return _page(request, run_id)


@staff(*RISK_READERS)
def allowance_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Show one valuation: stages, classes, products, and what it books."""
    return _page(request, run_id)


@require_POST
@staff(*PROPOSERS)
def calculate(request: HttpRequest) -> HttpResponse:
    """Value the portfolio as the last business date closed."""
    form = KeyedForm(request.POST)
    command = CalculateAllowance(on=clock.business_date() - timedelta(days=1))
    if form.is_valid():
        done = form.attempt(lambda: calculate_allowance(command, form.call(request)))
        if done is not None:
            messages.success(request, _("已测算 %(count)s 笔借款。") % {"count": done.loans})
            return redirect("allowance-run", done.run_id)
    context = _room(request, None, error=first_error(form))
    return render(request, "backoffice/allowance/run.html", context, status=422)


@require_POST
@staff(*{*PROPOSERS, *DECIDERS})
def act(request: HttpRequest, run_id: UUID, verb: str) -> HttpResponse:
    """Put a valuation forward, approve, decline or take it back."""
    refused = attempt(request, VERBS, verb, run_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("allowance-run", run_id)
    return _page(request, run_id, refused)


def _page(request: HttpRequest, run_id: UUID, refused: Refused | None = None) -> HttpResponse:
    view = get_run(run_id)
    names = product_names()
    if file := download(request, _file(view, names)):
        return file
    head = view.head
    fitting = _fitting(request, head)
    shown = shown_verbs(
        VERBS, fitting, lambda verb: reverse("allowance-act", args=[head.id, verb]), refused
    )
    for one in shown:
        if one["name"] == "approve":
            one["form"].initial["expected"] = head.movement
    context = _room(
        request,
        head,
        run=view,
        state=say(STATES, head.state),
        tone=TONES.get(head.state, ""),
        stages=_stages(view),
        lines=[_shown_line(one, names) for one in view.lines],
        products=[_shown_product(one, names) for one in view.products],
        undrawn=[
            {"one": one, "product": names.get(one.product_code, one.product_code)}
            for one in view.undrawn
        ],
        percent=head.conversion_percent,
        chart=_chart(view) if view.lines else None,
        maker=officer(head.made_by),
        proposer=officer(head.proposed_by) if head.proposed_by else "",
        decider=officer(head.decided_by) if head.decided_by else "",
        is_mine=head.state == "waiting" and head.proposed_by == f"user:{request.user.pk}",
        by_close=head.state == "waiting" and head.proposed_by.startswith("system:"),
        sees_books=bool(roles_held(request) & {Role.FINANCE, Role.AUDITOR}),
        verbs=shown,
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/allowance/run.html", context, status=status)


def _room(request: HttpRequest, head: RunHead | None, **more: Any) -> dict[str, Any]:
    runs = [
        {
            "one": one,
            "state": say(STATES, one.state),
            "tone": TONES.get(one.state, ""),
            "is_here": head is not None and one.id == head.id,
        }
        for one in list_runs()
    ]
    may_calculate = bool(roles_held(request) & set(PROPOSERS))
    return room(
        request,
        TABS,
        "allowance",
        **{"run": None, "error": ""} | more,
        runs=runs,
        booked=allowance_now(),
        eve=clock.business_date() - timedelta(days=1),
        calculating=KeyedForm() if may_calculate else None,
    )


def _fitting(request: HttpRequest, one: RunHead) -> list[str]:
    """Return the verbs that fit the valuation as it stands and the person who looks."""
    held = roles_held(request)
    if one.state == "calculated":
        return ["submit"] if one.is_latest and held & set(PROPOSERS) else []
    if one.state != "waiting":
        return []
    if one.proposed_by == f"user:{request.user.pk}":
        return ["withdraw"] if held & set(PROPOSERS) else []
    return ["approve", "decline"] if held & set(DECIDERS) else []


def _stages(view: RunView) -> list[dict[str, Any]]:
    """Return the sums of each stage, all three of them."""
    found = []
    for stage, name in STAGES.items():
        own = [one for one in view.lines if one.stage == stage]
        exposure, expected = _sum(own, "exposure"), _sum(own, "expected")
        found.append(
            {
                "name": name,
                "loans": sum(one.loans for one in own),
                "exposure": exposure,
                "expected": expected,
                "rate": Fraction(expected.minor, exposure.minor) if exposure.minor else None,
                "floor": _sum(own, "floor"),
            }
        )
    return found


def _sum(lines: Iterable[LineView], name: str) -> Money:
    return sum((getattr(one, name) for one in lines), Money.zero())


def _chart(view: RunView) -> Chart:
    """Return expected loss by product, stacked by stage: the table beside it tells the same."""
    names, codes = product_names(), sorted({one.product_code for one in view.lines})
    return stacked_bars(
        "allowance-chart",
        _("各产品预期信用损失，按阶段"),
        [names.get(code, code) for code in codes],
        [
            Series(
                str(name),
                [
                    sum(
                        one.expected.minor
                        for one in view.lines
                        if one.product_code == code and one.stage == stage
                    )
                    for code in codes
                ],
            )
            for stage, name in STAGES.items()
        ],
    )


def _shown_line(one: LineView, names: dict[str, str]) -> dict[str, Any]:
    return {
        "one": one,
        "product": names.get(one.product_code, one.product_code),
        "stage": STAGES[one.stage],
        "risk_class": say(CLASSES, one.risk_class),
    }


def _undrawn_line(one: UndrawnView, names: dict[str, str]) -> dict[str, Any]:
    """Return undrawn sums as a line of the file: nothing of them is principal, no floor asks."""
    line = LineView(
        product_code=one.product_code,
        stage=0,
        risk_class="",
        loans=one.loans,
        principal=Money.zero(),
        exposure=one.undrawn,
        expected=one.target,
        floor=Money.zero(),
    )
    place = _("未提取承诺（预计负债）")
    product = names.get(one.product_code, one.product_code)
    return {"one": line, "product": product, "stage": place, "risk_class": ""}


def _shown_product(one: ProductView, names: dict[str, str]) -> dict[str, Any]:
    return {"one": one, "product": names.get(one.product_code, one.product_code)}


def _file(view: RunView, names: dict[str, str]) -> Table:
    return Table(
        name=f"allowance-{view.head.number}",
        title=_("损失准备"),
        facts=((_("测算"), view.head.number), (_("测算日"), view.head.on)),
        heads=(
            _("产品"),
            _("阶段"),
            _("五级分类"),
            _("笔数"),
            _("本金"),
            _("风险敞口"),
            _("预期信用损失"),
            _("监管下限"),
        ),
        rows=lambda: (
            (
                row["product"],
                str(row["stage"]),
                row["risk_class"],
                row["one"].loans,
                row["one"].principal,
                row["one"].exposure,
                row["one"].expected,
                row["one"].floor,
            )
            for row in (
                *(_shown_line(one, names) for one in view.lines),
                *(_undrawn_line(one, names) for one in view.undrawn),
            )
        ),
    )
