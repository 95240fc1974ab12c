"""Alerts: the queue by deadline, and one alert with customer and listed entry side by side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.parties.queries import Identity, PartyView, get_identity, get_parties
from rongqiao.parties.queries.owners import OwnerInFull
from rongqiao.platform import clock
from rongqiao.policies.masking import mask_number
from rongqiao.risk.operations.laundering.decide_alert import DecideAlert, decide_alert
from rongqiao.risk.operations.laundering.officers import LONGEST_REASON
from rongqiao.risk.queries.laundering.alerts import (
    PAGE,
    AlertInFull,
    AlertView,
    alerts_of,
    count_alerts,
    get_alert,
    list_alerts,
    next_alert,
    overdue_alerts,
)
from rongqiao.risk.queries.laundering.cases import count_cases, count_reports, open_case_of
from rongqiao.web.backoffice.finance.acts import (
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.tables import MOST_ROWS, Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.laundering.owning import role_in
from rongqiao.web.backoffice.risk.laundering.wall import (
    compliance_only,
    frame,
    keep_from_own,
    own_parties,
    page_number,
)
from rongqiao.web.backoffice.risk.laundering.words import (
    ALERT_STATES,
    KINDS,
    LIST_KINDS,
    REASONS,
    TONES,
    told,
)
from rongqiao.web.frame.exports import too_long
from rongqiao.web.frame.forms import KeyedForm


class WordForm(KeyedForm):
    """An officer's word on an alert, and why."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class FreezeForm(WordForm):
    """The same, where the customer's money may be set aside."""

    is_frozen = forms.BooleanField(
        label=gettext_lazy("确认就是名单上的人，立即冻结账户可用余额"), required=False
    )


def _decide(word: str) -> Any:
    return lambda pk, said, call: decide_alert(
        DecideAlert(
            alert_id=pk,
            word=word,
            reason=said["reason"],
            is_frozen=bool(said.get("is_frozen")),
        ),
        call,
    )


VERBS = {
    "dismiss": Verb(
        label=gettext_lazy("排除"),
        says=gettext_lazy("不是同一人，或交易有合理解释；理由留存。"),
        run=_decide("dismiss"),
        form=WordForm,
    ),
    "pursue": Verb(
        label=gettext_lazy("立案"),
        says=gettext_lazy("并入该客户未结的案件，没有则新立。客户看不到任何变化。"),
        run=_decide("pursue"),
        form=WordForm,
        tone="primary",
    ),
    "pursue-listed": Verb(
        label=gettext_lazy("立案"),
        says=gettext_lazy(
            "并入该客户未结的案件，没有则新立。只有确认命中才冻结，对客户只显示编号。"
        ),
        run=_decide("pursue"),
        form=FreezeForm,
        tone="primary",
    ),
}


@compliance_only()
def alert_list(request: HttpRequest) -> HttpResponse:
    """List alerts, what is due first at the top."""
    state = request.GET.get("state", "open")
    kind = request.GET.get("kind", "")
    state = state if state in ALERT_STATES else ""
    kind = kind if kind in KINDS else ""
    aside = own_parties(request)
    total = count_alerts(state=state, kind=kind, aside=aside)
    if request.GET.get("format"):
        long = too_long(request, total)
        if long is not None:
            return long
        rows = list_alerts(state=state, kind=kind, aside=aside, limit=MOST_ROWS)
        file = download(request, _file(rows))
        if file is not None:
            return file
    after = page_number(request)
    rows = list_alerts(state=state, kind=kind, aside=aside, after=after)
    on = clock.business_date()
    context = frame(
        request,
        "laundering",
        rows=_shown(rows),
        on=on,
        state=state,
        kind=kind,
        states=list(ALERT_STATES.items()),
        kinds=[*KINDS.items()],
        total=total,
        after=after,
        following=after + PAGE if after + PAGE < total else None,
        open=count_alerts(aside=aside),
        late=overdue_alerts(on, aside),
        cases=count_cases(aside=aside),
        reports=count_reports(aside=aside),
    )
    return render(request, "backoffice/laundering/alerts.html", context)


@compliance_only()
def alert_page(request: HttpRequest, alert_id: UUID) -> HttpResponse:
    """Show one alert, and what may be said of it."""
    return _page(request, alert_id)


@compliance_only()
def first_alert(request: HttpRequest) -> HttpResponse:
    """Lead to the alert that is due first, or to the queue where there is none."""
    found = next_alert(own_parties(request))
    return redirect("laundering-alert", found) if found else redirect("laundering")


@compliance_only("POST")
def act(request: HttpRequest, alert_id: UUID, verb: str) -> HttpResponse:
    """Dismiss or pursue an alert, then go on to the next."""
    refused = attempt(request, VERBS, verb, alert_id)
    if refused is not None:
        return _page(request, alert_id, refused)
    done = get_alert(alert_id).head
    if done.case_id is not None:
        messages.success(request, _("已立案。"))
        return redirect("laundering-case", done.case_id)
    messages.success(request, _("已排除。"))
    following = next_alert(own_parties(request))
    return redirect("laundering-alert", following) if following else redirect("laundering")


def _page(request: HttpRequest, alert_id: UUID, refused: Refused | None = None) -> HttpResponse:
    alert = get_alert(alert_id)
    head = alert.head
    keep_from_own(request, head.party_id)
    party = get_identity(head.party_id, clock.business_date())
    part, owner = role_in(head.part, party)
    fitting = _fitting(alert)
    context = frame(
        request,
        "laundering",
        alert=alert,
        kind=say(KINDS, head.kind),
        state=say(ALERT_STATES, head.state),
        tone=TONES[head.state],
        sides=_sides(alert, party, owner),
        reasons=_reasons(alert),
        told="" if head.kind == "name" else told(head.kind, alert.evidence),
        references=alert.evidence.get("references", []),
        list_kind=say(LIST_KINDS, alert.list_kind),
        part=part,
        party=party,
        number=mask_number(party.number),
        others=_shown(o for o in alerts_of(head.party_id) if o.id != head.id),
        open_case=open_case_of(head.party_id),
        decider=officer(head.decided_by) if head.decided_by else "",
        verbs=shown_verbs(
            VERBS,
            fitting,
            lambda verb: reverse("laundering-alert-act", args=[head.id, verb]),
            refused,
        ),
        error=refusal_of(refused, fitting),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/laundering/alert.html", context, status=status)


def _fitting(alert: AlertInFull) -> list[str]:
    if alert.head.state != "open":
        return []
    is_freezing = alert.list_kind in ("sanction", "terrorism")
    return ["pursue-listed" if is_freezing else "pursue", "dismiss"]


def _sides(alert: AlertInFull, party: Identity, owner: OwnerInFull | None) -> list[dict[str, Any]]:
    """Return customer, or who of it is meant, and entry, attribute by attribute."""
    listed = alert.listed
    if listed is None:
        return []
    is_firm = party.kind != "person" and alert.head.part == "self"
    name = party.name if is_firm or party.kind == "person" else party.representative
    resident = party.resident
    if owner is not None:
        name, resident = owner.name, owner.resident
    number = party.number if is_firm else resident.number
    born = "" if is_firm else resident.birth_on.isoformat()
    rows = (
        (_("名称"), name, "；".join(listed.names)),
        (_("出生日期"), born, "；".join(listed.born)),
        (_("证件号码"), mask_number(number), "；".join(mask_number(n) for n in listed.numbers)),
        (_("国籍"), _("中国"), "；".join(listed.countries)),
        (_("依据"), "", listed.programme),
        (_("备注"), "", listed.remark),
    )
    return [{"label": label, "own": own, "listed": other} for label, own, other in rows]


def _reasons(alert: AlertInFull) -> list[dict[str, Any]]:
    """Return why the score is what it is, part by part, in points of a hundred."""
    return [
        {"why": say(REASONS, code), "points": f"{round(points * 100):+d}"}
        for code, points in alert.evidence.get("parts", [])
    ]


def _shown(rows: Iterable[AlertView]) -> list[dict[str, Any]]:
    listed = list(rows)
    parties = get_parties({one.party_id for one in listed})
    return [
        {
            "one": one,
            "kind": say(KINDS, one.kind),
            "state": say(ALERT_STATES, one.state),
            "tone": TONES[one.state],
            "party": _name(parties.get(one.party_id)),
            "points": round(one.score * 100),
            "is_late": one.state == "open" and one.due_on < clock.business_date(),
        }
        for one in listed
    ]


def _name(view: PartyView | None) -> str:
    return view.name if view is not None else "—"


def _file(rows: Iterable[AlertView]) -> Table:
    return Table(
        name="laundering-alerts",
        title=_("反洗钱预警"),
        heads=(
            _("编号"),
            _("类型"),
            _("客户"),
            _("分数"),
            _("状态"),
            _("产生时间"),
            _("处理期限"),
            _("名单"),
            _("处理人"),
        ),
        rows=lambda: (
            (
                row["one"].number,
                row["kind"],
                row["party"],
                row["points"],
                row["state"],
                row["one"].raised_at,
                row["one"].due_on,
                row["one"].list_code,
                officer(row["one"].decided_by) if row["one"].decided_by else "",
            )
            for row in _shown(rows)
        ),
    )
