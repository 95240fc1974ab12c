"""How kinds are judged: what is in force, proposing another version, the second person's word."""

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

from rongqiao.lending.collateral.operations.ruling.decide_rule import (
    DECIDERS,
    DecideRule,
    decide_rule,
)
from rongqiao.lending.collateral.operations.ruling.propose_rule import (
    LONGEST_SOURCE,
    MOST_DAYS,
    PROPOSERS,
    ProposeRule,
    propose_rule,
)
from rongqiao.lending.collateral.queries.rules import KINDS as ALL_KINDS
from rongqiao.lending.collateral.queries.rules import RuleView, list_rules
from rongqiao.platform import clock
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
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.portfolio.collateral.forms import ShareField
from rongqiao.web.backoffice.portfolio.collateral.words import RULE_STATES
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.borrower.words import COLLATERAL
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import DayField, KeyedForm, WholeField

TONES = {"waiting": "info", "released": "success"}


def _verb(word: str, **look: Any) -> Verb:
    def run(rule_id: UUID, said: dict[str, Any], call: Any) -> Any:
        command = DecideRule(rule_id=rule_id, word=word, reason=said.get("reason", ""))
        return decide_rule(command, call)

    return Verb(run=run, **look)


VERBS = {
    "release": _verb(
        "release",
        label=gettext_lazy("复核通过"),
        says=gettext_lazy("从生效日起按这一版判断；已经设立的担保照旧，抵押率和覆盖率随之变化。"),
        form=PlainForm,
        tone="primary",
    ),
    "decline": _verb(
        "decline",
        label=gettext_lazy("驳回"),
        says=gettext_lazy("参数保持现状。"),
        form=ReasonForm,
        tone="error",
    ),
    "withdraw": _verb(
        "withdraw",
        label=gettext_lazy("撤回"),
        says=gettext_lazy("参数保持现状。"),
        tone="error",
    ),
}


class RuleForm(KeyedForm):
    """Percentages, days, whence they are, and from when."""

    haircut = ShareField(label=gettext_lazy("折扣系数（%）"))
    ltv_max = ShareField(label=gettext_lazy("最高抵押率（%）"))
    coverage_min = ShareField(label=gettext_lazy("解除后覆盖率不低于（%）"))
    stale_after_days = WholeField(label=gettext_lazy("估值有效期（天）"), least=1, most=MOST_DAYS)
    is_assumed = forms.BooleanField(
        label=gettext_lazy("由平台假设，没有外部依据"), required=False, initial=True
    )
    source = forms.CharField(
        label=gettext_lazy("依据"),
        max_length=LONGEST_SOURCE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    from_on = DayField(label=gettext_lazy("生效日"))


@staff(*RISK_READERS)
def rule_list(request: HttpRequest) -> HttpResponse:
    """List the rules, what waits first, then what is in force."""
    return _listed(request)


@require_POST
@staff(*RISK_READERS)
def act(request: HttpRequest, rule_id: UUID, verb: str) -> HttpResponse:
    """Release, decline or take back a version that waits."""
    if not roles_held(request) & {*PROPOSERS, *DECIDERS}:
        raise Http404
    refused = attempt(request, VERBS, verb, rule_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("collateral-rules")
    return _listed(request, rule_id, refused)


@staff(*PROPOSERS)
def propose(request: HttpRequest, kind: str) -> HttpResponse:
    """Propose how a kind is to be judged, beginning with what is in force."""
    if kind not in ALL_KINDS:
        raise Http404
    today = clock.business_date()
    given = request.POST if request.method == "POST" else None
    form = RuleForm(given, initial={**_begun(kind), "from_on": today})
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in RuleForm.base_fields if name != "key"}
        command = ProposeRule(collateral_kind=kind, **said)
        if form.attempt(lambda: propose_rule(command, form.call(request))) is not None:
            messages.success(request, _("参数已提交，等待另一位复核。"))
            return redirect("collateral-rules")
    context = room(request, TABS, "collateral", kind=say(COLLATERAL, kind), form=form)
    status = 422 if form.is_bound else 200
    return render(request, "backoffice/collateral/rule.html", context, status=status)


def _begun(kind: str) -> dict[str, Any]:
    asked = ("haircut", "ltv_max", "coverage_min", "stale_after_days", "is_assumed", "source")
    in_force = [
        one for one in list_rules(clock.business_date()) if one.kind == kind and one.is_in_force
    ]
    return {name: getattr(one, name) for one in in_force for name in asked}


def _listed(
    request: HttpRequest, target: UUID | None = None, refused: Refused | None = None
) -> HttpResponse:
    rules = list_rules(clock.business_date())
    error = next((refusal_of(refused, _fitting(request, o)) for o in rules if o.id == target), "")
    context = room(
        request,
        TABS,
        "collateral",
        rows=[_row(request, one, refused if one.id == target else None) for one in rules],
        kinds=COLLATERAL.items(),
        may_propose=bool(roles_held(request) & set(PROPOSERS)),
        error=error,
    )
    status = 422 if refused else 200
    return render(request, "backoffice/collateral/rules.html", context, status=status)


def _row(request: HttpRequest, one: RuleView, refused: Refused | None) -> dict[str, Any]:
    return {
        "it": one,
        "kind": say(COLLATERAL, one.kind),
        "state": say(RULE_STATES, one.state),
        "tone": TONES.get(one.state, "ghost"),
        "proposer": officer(one.proposed_by),
        "decider": officer(one.decided_by) if one.decided_by else "",
        "verbs": shown_verbs(
            VERBS,
            _fitting(request, one),
            lambda verb: reverse("collateral-rule-act", args=[one.id, verb]),
            refused,
            mark=str(one.id)[-6:],
        ),
    }


def _fitting(request: HttpRequest, one: RuleView) -> list[str]:
    """Return the verbs that fit a version as it stands and the person who looks."""
    held = roles_held(request)
    if one.state != "waiting":
        return []
    if one.proposed_by == f"user:{request.user.pk}":
        return ["withdraw"] if held & set(PROPOSERS) else []
    return ["release", "decline"] if held & set(DECIDERS) else []
