"""The policies, and one policy's history: what holds, what waits, what is being edited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.platform import clock
from rongqiao.risk.operations.policies.deciding import PROPOSERS
from rongqiao.risk.operations.policies.start_draft import StartDraft, start_draft
from rongqiao.risk.queries.policies.backtests import BacktestView, list_backtests
from rongqiao.risk.queries.policies.drafts import list_drafts
from rongqiao.risk.queries.policies.versions import (
    IN_FORCE,
    VersionView,
    list_policies,
    list_versions,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.policies.words import (
    ORIGINS,
    SOURCES,
    STANDINGS,
    TONES,
    policy_name,
    text_words,
)
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import KeyedForm, first_error


def proposes(request: HttpRequest) -> bool:
    """Tell whether who reads may edit and propose."""
    return bool(roles_held(request) & set(PROPOSERS))


@staff(*POLICY_READERS)
def policy_list(request: HttpRequest) -> HttpResponse:
    """Show every policy: the version in force, and what waits."""
    rows = [
        {
            "one": one,
            "name": policy_name(one.code),
            "in_force": one.in_force and version_row(one.in_force),
            "scheduled": one.scheduled and version_row(one.scheduled),
            "waiting": one.waiting and version_row(one.waiting),
        }
        for one in list_policies(clock.business_date())
    ]
    if file := download(request, _list_file(rows)):
        return file
    context = risk_room(request, "policies", rows=rows)
    return render(request, "backoffice/risk/policies/list.html", context)


def _list_file(rows: list[dict[str, Any]]) -> Table:
    def shown(row: dict[str, Any], name: str) -> str:
        found = row[name]
        return f"{found['one'].number} {found['one'].label}" if found else ""

    return Table(
        name="policies",
        title=_("信贷政策"),
        heads=(_("策略"), _("代码"), _("生效中"), _("待生效"), _("待放行"), _("草稿"), _("版本数")),
        rows=lambda: (
            (
                row["name"],
                row["one"].code,
                shown(row, "in_force"),
                shown(row, "scheduled"),
                shown(row, "waiting"),
                row["one"].drafts,
                row["one"].versions,
            )
            for row in rows
        ),
    )


@staff(*POLICY_READERS)
def history(request: HttpRequest, code: str) -> HttpResponse:
    """Show a policy's versions with who and when, its drafts and its back-tests."""
    return _history(request, code)


@require_POST
@staff(*PROPOSERS)
def start(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Begin a draft from a version and open it."""
    form = KeyedForm(request.POST)
    if form.is_valid():
        command = StartDraft(version_id=version_id)
        done = form.attempt(lambda: start_draft(command, form.call(request)))
        if done is not None:
            return redirect("policy-draft", done.draft_id)
    messages.error(request, first_error(form))
    return redirect("policy-version", version_id)


def _history(request: HttpRequest, code: str) -> HttpResponse:
    versions = list_versions(code, clock.business_date())
    if not versions:
        raise Http404
    if file := download(request, _history_file(code, versions)):
        return file
    labels = {one.id: one for one in versions}
    context = risk_room(
        request,
        "policies",
        code=code,
        name=policy_name(code),
        versions=[
            {**version_row(one), "based_on": one.based_on_id and labels.get(one.based_on_id)}
            for one in versions
        ],
        in_force=next((one for one in versions if one.standing == IN_FORCE), None),
        waiting=next((one for one in versions if one.standing == "waiting"), None),
        drafts=[{"one": one, "changer": officer(one.changed_by)} for one in list_drafts(code)],
        backtests=[backtest_row(one) for one in list_backtests(code)],
        starting=KeyedForm() if proposes(request) else None,
    )
    return render(request, "backoffice/risk/policies/history.html", context)


def version_row(one: VersionView) -> dict[str, Any]:
    """Return a version with the words of its standing and of who acted."""
    return {
        "one": one,
        "standing": say(STANDINGS, one.standing),
        "tone": TONES.get(one.standing, ""),
        "origin": say(ORIGINS, one.origin),
        "reason": text_words(one.reason),
        "proposer": officer(one.proposed_by),
        "decider": officer(one.decided_by) if one.decided_by else "",
    }


def backtest_row(one: BacktestView) -> dict[str, Any]:
    """Return a back-test with its words."""
    states = {
        "waiting": (_("排队中"), "info"),
        "running": (_("进行中"), "info"),
        "done": (_("已完成"), "success"),
        "failed": (_("未完成"), "error"),
    }
    state, tone = states[one.state]
    return {
        "one": one,
        "state": state,
        "tone": tone,
        "source": say(SOURCES, one.source),
        "candidate": one.candidate_label or _("草稿"),
        "asker": officer(one.asked_by),
    }


def _history_file(code: str, versions: tuple[VersionView, ...]) -> Table:
    return Table(
        name=f"policy-{code}",
        title=policy_name(code),
        heads=(
            _("版本"),
            _("标签"),
            _("状态"),
            _("生效日"),
            _("来源"),
            _("理由"),
            _("提出人"),
            _("提出时间"),
            _("决定人"),
            _("决定时间"),
            _("决定说明"),
            "sha256",
        ),
        rows=lambda: (
            (
                one.number,
                one.label,
                say(STANDINGS, one.standing),
                one.effective_on or one.proposed_for,
                say(ORIGINS, one.origin),
                text_words(one.reason),
                officer(one.proposed_by),
                one.proposed_at,
                officer(one.decided_by) if one.decided_by else "",
                one.decided_at,
                one.decided_because,
                one.sha256,
            )
            for one in versions
        ),
    )
