"""One fraud case: why it was opened, rule by rule, and what may be done now."""

from __future__ import annotations

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

from rongqiao.risk.operations.fraud.clear_case import ClearCase, clear_case
from rongqiao.risk.operations.fraud.decide_fraud import DecideFraud, decide_fraud
from rongqiao.risk.operations.fraud.propose_fraud import ProposeFraud, propose_fraud
from rongqiao.risk.operations.fraud.take_case import TakeCase, take_case
from rongqiao.risk.queries.watching.cases import CaseView, get_case
from rongqiao.risk.queries.watching.rings import get_ring
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.fraud import words
from rongqiao.web.backoffice.risk.fraud.queue import shown_rows
from rongqiao.web.backoffice.risk.fraud.rings import shown_ring
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import KeyedForm


class WhyForm(ReasonForm):
    """Why, in the case's own words."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("写明核实了什么。客户看不到。"),
    )


def _decide(pk: UUID, said: dict[str, Any], call: Any, *, is_confirmed: bool) -> Any:
    return decide_fraud(
        DecideFraud(case_id=pk, is_confirmed=is_confirmed, reason=said["reason"]), call
    )


VERBS = {
    "take": Verb(
        label=gettext_lazy("领取"),
        says=gettext_lazy("由您核查这件案子。"),
        run=lambda pk, _said, call: take_case(TakeCase(case_id=pk), call),
        form=PlainForm,
        tone="primary",
    ),
    "propose": Verb(
        label=gettext_lazy("提出认定欺诈"),
        says=gettext_lazy("由另一位复核后确认；确认后，对象今后的申请按规则拒绝。"),
        run=lambda pk, said, call: propose_fraud(
            ProposeFraud(case_id=pk, reason=said["reason"]), call
        ),
        form=WhyForm,
        tone="error",
    ),
    "clear": Verb(
        label=gettext_lazy("排除"),
        says=gettext_lazy("不是欺诈，结案。命中新的规则时会重新立案。"),
        run=lambda pk, said, call: clear_case(ClearCase(case_id=pk, reason=said["reason"]), call),
        form=WhyForm,
    ),
    "confirm": Verb(
        label=gettext_lazy("确认欺诈"),
        says=gettext_lazy("结案。对象今后的申请按规则拒绝；申请人只看到中性的说明。"),
        run=lambda pk, said, call: _decide(pk, said, call, is_confirmed=True),
        form=WhyForm,
        tone="error",
    ),
    "send-back": Verb(
        label=gettext_lazy("退回"),
        says=gettext_lazy("退回继续核查。"),
        run=lambda pk, said, call: _decide(pk, said, call, is_confirmed=False),
        form=WhyForm,
    ),
}
KEYS = {"take": "t", "propose": "p", "clear": "c", "confirm": "y", "send-back": "b"}
_FITTING = {"open": ["take"], "taken": ["propose", "clear"], "proposed": ["confirm", "send-back"]}


@staff(*words.READERS)
def case(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show one case with the verbs this member of staff has now."""
    return _page(request, case_id)


@require_POST
@staff(*words.ACTORS)
def act(request: HttpRequest, case_id: UUID, verb: str) -> HttpResponse:
    """Carry out one verb; what is wrong with it is said on the case's own page."""
    refused = attempt(request, VERBS, verb, case_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("fraud-case", case_id)
    return _page(request, case_id, refused)


def _page(request: HttpRequest, case_id: UUID, refused: Refused | None = None) -> HttpResponse:
    view = get_case(case_id)
    if file := download(request, _file(view)):
        return file
    fitting = _fitting(request, view)
    shown = shown_verbs(
        VERBS, fitting, lambda verb: reverse("fraud-case-act", args=[case_id, verb]), refused
    )
    ring = get_ring(view.ring_id) if view.ring_id else None
    context = words.fraud_room(
        request,
        "fraud",
        case=view,
        shown=shown_rows([view.row])[0],
        findings=[
            {"one": one, "says": words.rule(one.code, one.value, one.bound)}
            for one in view.findings
        ],
        done=[
            {"one": one, "verb": say(words.VERBS, one.verb), "who": words.who(one.actor)}
            for one in view.acts
        ],
        ring=shown_ring(ring, view.row.subject_id) if ring else None,
        verbs=[{**one, "key": KEYS[one["name"]]} for one in shown],
        plain=KeyedForm(),
        is_mine=view.row.proposed_by == f"user:{request.user.pk}",
        error=refusal_of(refused, fitting),
    )
    return render(
        request, "backoffice/risk/fraud/case.html", context, status=422 if refused else 200
    )


def _fitting(request: HttpRequest, view: CaseView) -> list[str]:
    """Return the verbs open to this person now, so that the page offers nothing it refuses."""
    me = f"user:{request.user.pk}"
    if not words.acts(request) or (view.row.state == "proposed" and view.row.proposed_by == me):
        return []
    return _FITTING.get(view.row.state, [])


def _file(view: CaseView) -> Table:
    return Table(
        name=f"fraud-case-{view.row.number}",
        title=_("反欺诈案件 %(number)s") % {"number": view.row.number},
        facts=((_("状态"), say(words.STATES, view.row.state)), (_("分数"), view.row.score)),
        heads=(_("规则"), _("说明"), _("值"), _("界限"), _("分数"), _("规则版本"), _("时间")),
        rows=lambda: (
            (
                one.code,
                words.rule(one.code, one.value, one.bound),
                one.value,
                one.bound,
                one.points,
                one.rules_version,
                one.found_at,
            )
            for one in view.findings
        ),
    )
