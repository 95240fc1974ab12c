"""The limits themselves: what is in force, proposing another, the second person's word."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.origination.operations.concentrating.decide_concentration import (
    DECIDERS,
    DecideConcentration,
    decide_concentration,
)
from rongqiao.lending.origination.operations.concentrating.propose_concentration import (
    LONGEST_REASON,
    PROPOSERS,
    ProposeConcentration,
    propose_concentration,
)
from rongqiao.lending.origination.queries.concentration import (
    KINDS as ALL_KINDS,
)
from rongqiao.lending.origination.queries.concentration import (
    ConcentrationView,
    get_concentration,
    list_concentrations,
)
from rongqiao.platform import clock
from rongqiao.policies.rules import rule
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.filters import ChoiceFilter, Filters, offset_in, pages
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.portfolio.concentration.words import (
    KINDS,
    STATES,
    TONES,
    keys_of,
    names_of,
)
from rongqiao.web.backoffice.portfolio.rooms import RISK_READERS, TABS
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import DayField, KeyedForm, MoneyField
from rongqiao.web.templatetags.figures import yuan

PAGE = 50
# What the law names for lenders: a figure to begin with, put in force by people.
RULES = {
    "microloan.same_borrower_pct_net_assets": ("borrower", "", "percent"),
    "microloan.related_pct_net_assets": ("group", "", "percent"),
    "microloan.online_consumer": ("borrower", "person", "amount"),
    "microloan.online_business": ("borrower", "organization", "amount"),
    "p2p.person_one_platform": ("borrower", "person", "amount"),
    "p2p.org_one_platform": ("borrower", "organization", "amount"),
}
# How well the source of a rule is known, as policies/china/rules.json says it.
LEVELS: dict[str, Any] = {
    "A": gettext_lazy("读过原文"),
    "B": gettext_lazy("他处引用，未见原文"),
    "C": gettext_lazy("仅一处提及，待核实"),
    "D": gettext_lazy("凭记忆，未见原文"),
}
VERBS = {
    "release": Verb(
        label=gettext_lazy("复核通过"),
        says=gettext_lazy("从生效日起，新的签署和提款按此限额检查；已经放出的借款不变。"),
        run=lambda pk, _said, call: decide_concentration(
            DecideConcentration(limit_id=pk, word="release"), call
        ),
        form=PlainForm,
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("限额保持现状。"),
        run=lambda pk, said, call: decide_concentration(
            DecideConcentration(limit_id=pk, word="decline", reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "withdraw": Verb(
        label=gettext_lazy("撤回"),
        says=gettext_lazy("限额保持现状。"),
        run=lambda pk, _said, call: decide_concentration(
            DecideConcentration(limit_id=pk, word="withdraw"), call
        ),
        tone="error",
    ),
}


class ChangeFilters(Filters):
    """What narrows the versions."""

    kind = ChoiceFilter(KINDS, label=gettext_lazy("维度"))
    state = ChoiceFilter(STATES, label=gettext_lazy("状态"))


class ProposalForm(KeyedForm):
    """A limit of one kind: on what, how much, from when, and why."""

    limit_key = forms.ChoiceField(label=gettext_lazy("对象"), required=False)
    amount = MoneyField(
        least=Money.zero(),
        most=Money(LARGEST_MINOR),
        label=gettext_lazy("限额（元）"),
        required=False,
        help_text=gettext_lazy("填金额，或填下面两项；都不填表示取消限额"),
    )
    percent = forms.RegexField(
        r"(?a:^\d{1,3}(\.\d{1,2})?$)", label=gettext_lazy("占净资产的 %"), required=False
    )
    net_assets = MoneyField(
        least=Money(1),
        most=Money(LARGEST_MINOR),
        label=gettext_lazy("上年末净资产（元）"),
        required=False,
    )
    from_on = DayField(label=gettext_lazy("生效日"))
    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, kind: str, named: str, *args: Any, **options: Any) -> None:
        """Offer the keys of a kind, and one borrower or group that was named."""
        super().__init__(*args, **options)
        choices = keys_of(kind)
        if named and named not in choices:
            choices[named] = names_of([(kind, named)])[kind, named]
        field = self.fields["limit_key"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(choices.items())
        self.fields["percent"].error_messages["invalid"] = _(
            "占净资产的比例不对：请填 0.01 到 100 之间的数，至多两位小数。"
        )

    def clean_percent(self) -> Decimal | None:
        """Return the percentage as a number."""
        text = self.cleaned_data["percent"]
        if text and not 0 < Decimal(text) <= 100:
            raise ValidationError(self.fields["percent"].error_messages["invalid"])
        return Decimal(text) if text else None


@staff(*RISK_READERS)
def limit_changes(request: HttpRequest) -> HttpResponse:
    """List versions of limits, those that wait first."""
    return _listed(request)


@require_POST
@staff(*RISK_READERS)
def act(request: HttpRequest, limit_id: UUID, verb: str) -> HttpResponse:
    """Release, decline or take back a version that waits."""
    if not roles_held(request) & {*PROPOSERS, *DECIDERS}:
        raise Http404
    refused = attempt(request, VERBS, verb, limit_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("concentration-limits")
    return _listed(request, limit_id, refused)


@staff(*PROPOSERS)
def propose(request: HttpRequest, kind: str) -> HttpResponse:
    """Propose a limit of a kind; the address may name on what and how much."""
    if kind not in ALL_KINDS:
        raise Http404
    given = request.POST if request.method == "POST" else None
    named = (request.POST if given else request.GET).get("limit_key", "")[:64]
    begun = {name: request.GET.get(name, "") for name in ("limit_key", "amount", "percent")}
    form = ProposalForm(kind, named, given, initial={**begun, "from_on": clock.business_date()})
    if form.is_valid():
        said = form.cleaned_data
        command = ProposeConcentration(
            limit_kind=kind,
            limit_key=said["limit_key"],
            amount=said["amount"],
            percent=said["percent"],
            net_assets=said["net_assets"],
            from_on=said["from_on"],
            reason=said["reason"],
        )
        if form.attempt(lambda: propose_concentration(command, form.call(request))) is not None:
            messages.success(request, _("限额已提交，等待另一位复核。"))
            return redirect("concentration-limits")
    context = room(
        request,
        TABS,
        "concentration",
        kind=kind,
        kinds=KINDS.items(),
        form=form,
        rules=_rules(),
    )
    status = 422 if form.is_bound else 200
    return render(request, "backoffice/concentration/propose.html", context, status=status)


def _listed(
    request: HttpRequest, target: UUID | None = None, refused: Refused | None = None
) -> HttpResponse:
    filters, offset = ChangeFilters(request), offset_in(request)
    found = list_concentrations(
        kind=filters.text("kind"), state=filters.text("state"), offset=offset, limit=PAGE + 1
    )
    has_more = sum(one.state != "waiting" for one in found) > PAGE
    shown = found[:-1] if has_more else found
    names = names_of((one.kind, one.key) for one in shown)
    error = refusal_of(refused, _fitting(request, get_concentration(target))) if target else ""
    context = room(
        request,
        TABS,
        "concentration",
        filters=filters,
        rows=[
            {
                "it": one,
                "kind": say(KINDS, one.kind),
                "name": names[one.kind, one.key],
                "state": say(STATES, one.state),
                "tone": TONES.get(one.state, "ghost"),
                "proposer": officer(one.proposed_by),
                "decider": officer(one.decided_by) if one.decided_by else "",
                "verbs": _verbs(request, one, refused if one.id == target else None),
            }
            for one in shown
        ],
        pages=pages(offset, PAGE, has_more=has_more),
        may_propose=bool(roles_held(request) & set(PROPOSERS)),
        error=error,
    )
    status = 422 if refused else 200
    return render(request, "backoffice/concentration/limits.html", context, status=status)


def _verbs(
    request: HttpRequest, one: ConcentrationView, refused: Refused | None
) -> list[dict[str, Any]]:
    return shown_verbs(
        VERBS,
        _fitting(request, one),
        lambda verb: reverse("concentration-act", args=[one.id, verb]),
        refused,
        mark=str(one.id)[-6:],
    )


def _fitting(request: HttpRequest, one: ConcentrationView) -> list[str]:
    """Return the verbs that fit the version as it stands and the person who looks."""
    held = roles_held(request)
    if one.state != "waiting":
        return []
    if one.proposed_by == f"user:{request.user.pk}":
        return ["withdraw"] if held & set(PROPOSERS) else []
    return ["release", "decline"] if held & set(DECIDERS) else []


def _cited(document: str) -> str:
    """Return a text of the law with its article as the reader's language writes it."""
    return re.sub(
        r"art\.(\d+)", lambda found: _("第 %(number)s 条") % {"number": found[1]}, document
    )


def _rules() -> list[dict[str, Any]]:
    """Return the figures of the rules, each with its source and what it would begin with."""
    shown = []
    for key, (kind, limit_key, field) in RULES.items():
        found = rule(key)
        begins = f"?limit_key={limit_key}&{field}={found.value}"
        shown.append(
            {
                "rule": found,
                "kind": say(KINDS, kind),
                "on": names_of([(kind, limit_key)])[kind, limit_key],
                "figure": f"{found.value}%"
                if field == "percent"
                else yuan(Money.yuan(found.value)),
                "document": _cited(found.document),
                "day": found.date.removeprefix("published "),
                "said": say(LEVELS, found.level),
                "address": reverse("new-concentration", args=[kind]) + begins,
            }
        )
    return shown
