"""Freezes: what is set aside of whom since when, and its end, by two officers."""

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

from rongqiao.parties.queries import get_parties, get_party
from rongqiao.risk.operations.laundering.freezing.end_freeze import EndFreeze, end_freeze
from rongqiao.risk.operations.laundering.officers import LONGEST_REASON
from rongqiao.risk.queries.laundering.freezes import (
    PAGE,
    FreezeView,
    count_freezes,
    get_freeze,
    list_freezes,
)
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
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
from rongqiao.web.backoffice.risk.laundering.words import FREEZE_STATES, TONES
from rongqiao.web.frame.exports import too_long
from rongqiao.web.frame.forms import KeyedForm


class WhyForm(KeyedForm):
    """Why a freeze should end, or should not."""

    reason = forms.CharField(
        label=gettext_lazy("理由"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _end(word: str) -> Any:
    return lambda pk, said, call: end_freeze(
        EndFreeze(freeze_id=pk, word=word, reason=said.get("reason", "")), call
    )


VERBS = {
    "propose": Verb(
        label=gettext_lazy("提议解除"),
        says=gettext_lazy("写明为什么可以解除；另一位合规人员批准后，资金才能动用。"),
        run=_end("propose"),
        form=WhyForm,
        tone="primary",
    ),
    "approve": Verb(
        label=gettext_lazy("批准解除"),
        says=gettext_lazy("全部冻结资金恢复可用，不能撤回。客户不会收到任何通知。"),
        run=_end("approve"),
        form=PlainForm,
        tone="primary",
    ),
    "keep": Verb(
        label=gettext_lazy("继续冻结"),
        says=gettext_lazy("驳回提议，资金仍然冻结。"),
        run=_end("keep"),
        form=WhyForm,
        tone="error",
    ),
}


@compliance_only()
def freeze_list(request: HttpRequest) -> HttpResponse:
    """List freezes; without a state those that have not ended."""
    state = request.GET.get("state", "")
    state = state if state in FREEZE_STATES else ""
    aside = own_parties(request)
    total = count_freezes(state=state, aside=aside)
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
        "laundering-freezes",
        rows=_shown(list_freezes(state=state, aside=aside, after=after)),
        state=state,
        states=list(FREEZE_STATES.items()),
        total=total,
        after=after,
        following=after + PAGE if after + PAGE < total else None,
    )
    return render(request, "backoffice/laundering/freezes.html", context)


@compliance_only()
def freeze_page(request: HttpRequest, freeze_id: UUID) -> HttpResponse:
    """Show a freeze: sums, since when, what may be done."""
    return _page(request, freeze_id)


@compliance_only("POST")
def act(request: HttpRequest, freeze_id: UUID, verb: str) -> HttpResponse:
    """Propose the end, approve it, or keep the money frozen."""
    refused = attempt(request, VERBS, verb, freeze_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("laundering-freeze", freeze_id)
    return _page(request, freeze_id, refused)


def _page(request: HttpRequest, freeze_id: UUID, refused: Refused | None = None) -> HttpResponse:
    freeze, sums, reason = get_freeze(freeze_id)
    keep_from_own(request, freeze.party_id)
    is_mine = freeze.state == "ending" and freeze.proposed_by == f"user:{request.user.pk}"
    fitting = {"in-force": ["propose"], "ending": [] if is_mine else ["approve", "keep"]}
    names = fitting.get(freeze.state, [])
    context = frame(
        request,
        "laundering-freezes",
        freeze=freeze,
        sums=sums,
        reason=reason,
        state=say(FREEZE_STATES, freeze.state),
        tone=TONES[freeze.state],
        party=get_party(freeze.party_id),
        placer=officer(freeze.placed_by),
        proposer=officer(freeze.proposed_by) if freeze.proposed_by else "",
        decider=officer(freeze.decided_by) if freeze.decided_by else "",
        is_mine=is_mine,
        verbs=shown_verbs(
            VERBS,
            names,
            lambda verb: reverse("laundering-freeze-act", args=[freeze_id, verb]),
            refused,
        ),
        error=refusal_of(refused, names),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/laundering/freeze.html", context, status=status)


def _shown(rows: tuple[FreezeView, ...]) -> list[dict[str, Any]]:
    parties = get_parties({one.party_id for one in rows})
    return [
        {
            "one": one,
            "state": say(FREEZE_STATES, one.state),
            "tone": TONES[one.state],
            "party": parties[one.party_id].name if one.party_id in parties else "—",
        }
        for one in rows
    ]


def _file(state: str, aside: frozenset[UUID]) -> Table:
    return Table(
        name="laundering-freezes",
        title=_("冻结资金"),
        heads=(_("冻结编号"), _("客户"), _("状态"), _("冻结金额"), _("冻结时间"), _("解除时间")),
        rows=lambda: (
            (
                row["one"].number,
                row["party"],
                row["state"],
                row["one"].amount,
                row["one"].placed_at,
                row["one"].decided_at,
            )
            for row in _shown(list_freezes(state=state, aside=aside, limit=MOST_ROWS))
        ),
    )
