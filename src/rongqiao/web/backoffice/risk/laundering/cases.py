"""Cases: taken by one officer, their end proposed, decided by another."""

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

from rongqiao.parties.queries import get_identity, get_parties
from rongqiao.platform import clock
from rongqiao.policies.masking import mask_number
from rongqiao.risk.operations.laundering.decide_case import DecideCase, decide_case
from rongqiao.risk.operations.laundering.officers import LONGEST_REASON
from rongqiao.risk.operations.laundering.work_case import WorkCase, work_case
from rongqiao.risk.queries.laundering.alerts import alerts_in_case
from rongqiao.risk.queries.laundering.cases import (
    PAGE,
    CaseView,
    count_cases,
    get_case,
    list_cases,
    notes_of,
    report_of_case,
)
from rongqiao.risk.queries.laundering.freezes import freezes_of_case
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.laundering.wall import (
    compliance_only,
    frame,
    keep_from_own,
    own_parties,
    page_number,
)
from rongqiao.web.backoffice.risk.laundering.words import CASE_STATES, ENDS, KINDS, STEPS, TONES
from rongqiao.web.frame.exports import too_long
from rongqiao.web.frame.forms import KeyedForm


class TextForm(KeyedForm):
    """What was found out, or why a case should end so."""

    text = forms.CharField(
        label=gettext_lazy("内容"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def _work(word: str) -> Any:
    return lambda pk, said, call: work_case(
        WorkCase(case_id=pk, word=word, text=said.get("text", "")), call
    )


def _settle(word: str) -> Any:
    return lambda pk, said, call: decide_case(
        DecideCase(case_id=pk, word=word, reason=said.get("reason", "")), call
    )


VERBS = {
    "take": Verb(
        label=gettext_lazy("领取"),
        says=gettext_lazy("由您调查。"),
        run=_work("take"),
        form=PlainForm,
        tone="primary",
    ),
    "note": Verb(
        label=gettext_lazy("写记录"),
        says=gettext_lazy("加密保存，不能修改。"),
        run=_work("note"),
        form=TextForm,
    ),
    "report": Verb(
        label=gettext_lazy("提议报告"),
        says=gettext_lazy("写明可疑之处；另一位合规人员批准后生成可疑交易报告。"),
        run=_work("report"),
        form=TextForm,
        tone="primary",
    ),
    "close": Verb(
        label=gettext_lazy("提议结案"),
        says=gettext_lazy("写明排除怀疑的理由；另一位合规人员批准后结案。"),
        run=_work("close"),
        form=TextForm,
    ),
    "approve": Verb(
        label=gettext_lazy("批准"),
        says=gettext_lazy("按提议报告或结案，不能撤回。"),
        run=_settle("approve"),
        form=PlainForm,
        tone="primary",
    ),
    "send-back": Verb(
        label=gettext_lazy("退回"),
        says=gettext_lazy("退回继续调查。"),
        run=_settle("send-back"),
        form=ReasonForm,
        tone="error",
    ),
}


@compliance_only()
def case_list(request: HttpRequest) -> HttpResponse:
    """List cases; without a state those that are not ended."""
    state = request.GET.get("state", "")
    state = state if state in CASE_STATES else ""
    aside = own_parties(request)
    total = count_cases(state=state, aside=aside)
    if request.GET.get("format"):
        long = too_long(request, total)
        if long is not None:
            return long
        file = download(request, _file(state, aside))
        if file is not None:
            return file
    after = page_number(request)
    context = frame(
        request,
        "laundering-cases",
        rows=_shown(list_cases(state=state, aside=aside, after=after)),
        state=state,
        states=list(CASE_STATES.items()),
        total=total,
        after=after,
        following=after + PAGE if after + PAGE < total else None,
    )
    return render(request, "backoffice/laundering/cases.html", context)


@compliance_only()
def case_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Show a case: alerts, notes, what may be done."""
    return _page(request, case_id)


@compliance_only("POST")
def act(request: HttpRequest, case_id: UUID, verb: str) -> HttpResponse:
    """Take, write, propose, decide."""
    refused = attempt(request, VERBS, verb, case_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("laundering-case", case_id)
    return _page(request, case_id, refused)


def _page(request: HttpRequest, case_id: UUID, refused: Refused | None = None) -> HttpResponse:
    case = get_case(case_id)
    keep_from_own(request, case.party_id)
    party = get_identity(case.party_id, clock.business_date())
    fitting = _fitting(request, case)
    context = frame(
        request,
        "laundering-cases",
        case=case,
        state=say(CASE_STATES, case.state),
        tone=TONES[case.state],
        proposed=say(ENDS, case.proposed) if case.proposed else "",
        party=party,
        number=mask_number(party.number),
        officer=officer(case.officer) if case.officer else "",
        proposer=officer(case.proposed_by) if case.proposed_by else "",
        is_mine=case.state == "escalated" and case.proposed_by == f"user:{request.user.pk}",
        alerts=[
            {"one": one, "kind": say(KINDS, one.kind), "points": round(one.score * 100)}
            for one in alerts_in_case(case_id)
        ],
        notes=[
            {"one": one, "step": say(STEPS, one.step), "by": officer(one.by)}
            for one in notes_of(case_id)
        ],
        report=report_of_case(case_id),
        freezes=freezes_of_case(case_id),
        verbs=shown_verbs(
            VERBS,
            fitting,
            lambda verb: reverse("laundering-case-act", args=[case_id, verb]),
            refused,
        ),
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/laundering/case.html", context, status=status)


def _fitting(request: HttpRequest, case: CaseView) -> list[str]:
    """Return the verbs that fit the case as it stands and the person who looks."""
    if case.state == "open":
        return ["take"]
    if case.state == "taken":
        is_own = case.officer == f"user:{request.user.pk}"
        return ["note", "report", "close"] if is_own else ["take", "note", "report", "close"]
    if case.state == "escalated":
        is_own = case.proposed_by == f"user:{request.user.pk}"
        return ["note"] if is_own else ["approve", "send-back", "note"]
    return []


def _shown(rows: tuple[CaseView, ...]) -> list[dict[str, Any]]:
    parties = get_parties({one.party_id for one in rows})
    return [
        {
            "one": one,
            "state": say(CASE_STATES, one.state),
            "tone": TONES[one.state],
            "party": parties[one.party_id].name if one.party_id in parties else "—",
            "who": officer(one.officer) if one.officer else "",
            "is_late": one.decided_at is None and one.due_on < clock.business_date(),
        }
        for one in rows
    ]


def _file(state: str, aside: frozenset[UUID]) -> Table:
    return Table(
        name="laundering-cases",
        title=_("反洗钱案件"),
        heads=(_("案件"), _("客户"), _("状态"), _("立案时间"), _("期限"), _("经办")),
        rows=lambda: (
            (
                row["one"].number,
                row["party"],
                row["state"],
                row["one"].opened_at,
                row["one"].due_on,
                row["who"],
            )
            for row in _shown(list_cases(state=state, aside=aside, limit=MOST_ROWS))
        ),
    )
