"""What the allowance rests on: versions, proposed by one person, released by another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.lending.servicing.operations.provisioning.decide_rule import DecideRule, decide_rule
from rongqiao.lending.servicing.operations.provisioning.deciding import PROPOSERS, RULE_DECIDERS
from rongqiao.lending.servicing.operations.provisioning.propose_rule import (
    LONGEST_LINES,
    LONGEST_SOURCE,
    MOST_CURE_MONTHS,
    MOST_DAYS,
    ProposeRule,
    propose_rule,
)
from rongqiao.lending.servicing.queries.provisioning.rules import RuleView, list_rules
from rongqiao.platform import clock
from rongqiao.web.backoffice.finance.acts import Refused, Verb, attempt, refusal_of, shown_verbs
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.words import Words, officer
from rongqiao.web.backoffice.portfolio.allowance.sheets import sheets
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.borrower.loans import product_names
from rongqiao.web.borrower.words import say
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import DayField, KeyedForm, WholeField, first_error

STATES: Words = {
    "proposed": gettext_lazy("待放行"),
    "released": gettext_lazy("已放行"),
    "declined": gettext_lazy("已驳回"),
}
TONES = {"proposed": "info", "released": "success", "declined": "error"}
POLICIES: Words = {
    "larger": gettext_lazy("预期信用损失与监管下限取大者"),
    "expected": gettext_lazy("只按预期信用损失"),
}


def _lines(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST_LINES,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
    )


class RuleForm(KeyedForm):
    """A version of the assumptions, as it is to be."""

    effective_on = DayField(label=gettext_lazy("自哪日起"))
    days_increased = WholeField(
        label=gettext_lazy("逾期多少天以上进入第二阶段"), least=0, most=MOST_DAYS
    )
    days_impaired = WholeField(
        label=gettext_lazy("逾期多少天以上进入第三阶段"), least=1, most=MOST_DAYS
    )
    is_watch_increased = forms.BooleanField(
        label=gettext_lazy("关注类进入第二阶段"), required=False
    )
    cure_months = WholeField(
        label=gettext_lazy("回到第一阶段前的观察月数"), least=0, most=MOST_CURE_MONTHS
    )
    curves = _lines(
        gettext_lazy("违约曲线"),
        gettext_lazy(
            "每行：产品代码或 *、阶段、违约损失率%、逐月违约概率%（末一个沿用；第三阶段不填）"
        ),
    )
    scenarios = _lines(
        gettext_lazy("情景"),
        gettext_lazy("每行：名称、权重%、违约概率倍数、损失率倍数，权重合计 100"),
    )
    floors = _lines(
        gettext_lazy("监管下限"),
        gettext_lazy("每行：pass、special-mention、substandard、doubtful 或 loss，占本金%"),
    )
    conversion_percent = WholeField(
        label=gettext_lazy("未提取承诺折算%"),
        help_text=gettext_lazy("违约时会已提取的比例；没有实测的按 100"),
        least=0,
        most=100,
    )
    policy = forms.ChoiceField(label=gettext_lazy("入账口径"), choices=list(POLICIES.items()))
    source = forms.CharField(
        label=gettext_lazy("依据"),
        help_text=gettext_lazy("数字从哪里来，是否实测"),
        max_length=LONGEST_SOURCE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


VERBS = {
    "release": Verb(
        label=gettext_lazy("放行"),
        says=gettext_lazy("自生效日起，测算按这一版。"),
        run=lambda pk, _said, call: decide_rule(DecideRule(rule_id=pk, is_released=True), call),
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("这一版不生效。"),
        run=lambda pk, _said, call: decide_rule(DecideRule(rule_id=pk, is_released=False), call),
        tone="error",
    ),
}


@staff(*RISK_READERS)
def rule_list(request: HttpRequest) -> HttpResponse:
    """List the versions, newest first, and take the proposal of another one."""
    may_propose = bool(roles_held(request) & set(PROPOSERS))
    form = RuleForm(request.POST or None) if may_propose else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            said = {name: form.cleaned_data[name] for name in ProposeRule.__dataclass_fields__}
            command = ProposeRule(**said)
            if form.attempt(lambda: propose_rule(command, form.call(request))) is not None:
                messages.success(request, _("参数已提交，等待另一位放行。"))
                return redirect("allowance-rules")
    return _page(request, form)


@require_POST
@staff(*RULE_DECIDERS)
def act(request: HttpRequest, rule_id: UUID, verb: str) -> HttpResponse:
    """Release a version, or decline it."""
    refused = attempt(request, VERBS, verb, rule_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("allowance-rules")
    return _page(request, None, refused)


def _page(
    request: HttpRequest, form: RuleForm | None, refused: Refused | None = None
) -> HttpResponse:
    rules = list_rules()
    if form is not None and not form.is_bound and rules:
        for name in ProposeRule.__dataclass_fields__:
            form.initial[name] = getattr(rules[0], name)
        form.initial["effective_on"], form.initial["source"] = clock.business_date(), ""
    said = form if form is not None and form.is_bound else None
    names = product_names()
    context = room(
        request,
        TABS,
        "allowance",
        rules=[_shown(request, one) | sheets(one, names) for one in rules],
        form=form,
        error=first_error(said) if said is not None else refusal_of(refused, ()),
        is_open=said is not None,
    )
    status = 422 if said is not None or refused else 200
    return render(request, "backoffice/allowance/rules.html", context, status=status)


def _shown(request: HttpRequest, one: RuleView) -> dict[str, Any]:
    me, held = f"user:{request.user.pk}", roles_held(request)
    is_open = one.state == "proposed" and one.proposed_by != me and bool(held & set(RULE_DECIDERS))
    return {
        "one": one,
        "state": say(STATES, one.state),
        "tone": TONES[one.state],
        "policy": say(POLICIES, one.policy),
        "proposer": officer(one.proposed_by),
        "decider": officer(one.decided_by) if one.decided_by else "",
        "is_mine": one.state == "proposed" and one.proposed_by == me,
        "verbs": shown_verbs(
            VERBS,
            ["release", "decline"] if is_open else [],
            lambda verb: reverse("allowance-rule-act", args=[one.id, verb]),
            mark=f"-{one.number}",
        ),
    }
