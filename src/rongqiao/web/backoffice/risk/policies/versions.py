"""One version: what it says, how it differs, and its release by a second person."""

from __future__ import annotations

from datetime import date
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

from rongqiao.platform import clock
from rongqiao.risk.operations.policies.deciding import PROPOSERS, RELEASERS
from rongqiao.risk.operations.policies.refuse_policy import RefusePolicy, refuse_policy
from rongqiao.risk.operations.policies.release_policy import ReleasePolicy, release_policy
from rongqiao.risk.operations.policies.roll_back import RollBack, roll_back
from rongqiao.risk.queries.policies.backtests import list_backtests
from rongqiao.risk.queries.policies.documents import differences, file_of
from rongqiao.risk.queries.policies.versions import (
    IN_FORCE,
    SUPERSEDED,
    WAITING,
    VersionView,
    document_of,
    get_version,
    list_versions,
    read_version,
)
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.tables import download
from rongqiao.web.backoffice.risk.policies.folding import Part, folded, parts_of_sheet
from rongqiao.web.backoffice.risk.policies.overview import backtest_row, proposes, version_row
from rongqiao.web.backoffice.risk.policies.shadows import shadow_of, shadow_table
from rongqiao.web.backoffice.risk.policies.shown import sheets
from rongqiao.web.backoffice.risk.policies.words import difference_rows, policy_name
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.forms import DayField, KeyedForm


class ReleaseForm(PlainForm):
    """The first day, and the digest of what was read."""

    effective_on = DayField(label=gettext_lazy("自哪日起生效"))
    sha256 = forms.CharField(label="sha256", widget=forms.HiddenInput)


class RollBackForm(ReasonForm):
    """From when the old version is to hold again, and why."""

    effective_on = DayField(label=gettext_lazy("自哪日起生效"))


VERBS = {
    "release": Verb(
        label=gettext_lazy("放行"),
        says=gettext_lazy("测试案例会再运行一次。自生效日起，申请按这一版审批；放行后不能修改。"),
        run=lambda pk, said, call: release_policy(
            ReleasePolicy(version_id=pk, sha256=said["sha256"], effective_on=said["effective_on"]),
            call,
        ),
        form=ReleaseForm,
        tone="primary",
    ),
    "refuse": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("这一版不生效；提出人会看到理由。"),
        run=lambda pk, said, call: refuse_policy(
            RefusePolicy(version_id=pk, reason=said["reason"]), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "withdraw": Verb(
        label=gettext_lazy("撤回"),
        says=gettext_lazy("不再提出这一版。"),
        run=lambda pk, said, call: refuse_policy(
            RefusePolicy(version_id=pk, reason=said["reason"], is_withdrawn=True), call
        ),
        form=ReasonForm,
        tone="error",
    ),
    "roll-back": Verb(
        label=gettext_lazy("回退到这一版"),
        says=gettext_lazy("按这一版的内容提出新的一版，仍须另一位放行；历史不改动。"),
        run=lambda pk, said, call: roll_back(
            RollBack(version_id=pk, effective_on=said["effective_on"], reason=said["reason"]),
            call,
        ),
        form=RollBackForm,
    ),
}


@staff(*POLICY_READERS)
def version_page(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Show a version whole; one that waits with what it changes, for the second person."""
    return _page(request, version_id)


@require_POST
@staff(*{*PROPOSERS, *RELEASERS})
def act(request: HttpRequest, version_id: UUID, verb: str) -> HttpResponse:
    """Release, refuse or take back a version, or bring it back."""
    refused = attempt(request, VERBS, verb, version_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        view = get_version(version_id, clock.business_date())
        if verb == "roll-back":
            return redirect("policy-history", view.code)
        return redirect("policy-version", version_id)
    return _page(request, version_id, refused)


@staff(*POLICY_READERS)
def version_json(_request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Return the version's document as a file."""
    view = get_version(version_id, clock.business_date())
    name = f"{view.code}-{view.number}.json"
    return attachment(file_of(document_of(version_id)), name, "application/json")


def _page(request: HttpRequest, version_id: UUID, refused: Refused | None = None) -> HttpResponse:
    on = clock.business_date()
    view = get_version(version_id, on)
    document, versions = document_of(version_id), list_versions(view.code, on)
    before = _compared_with(view, versions)
    changes = difference_rows(differences(document_of(before.id), document)) if before else []
    fitting = _fitting(request, view)
    verbs = shown_verbs(
        VERBS, fitting, lambda verb: reverse("policy-version-act", args=[view.id, verb]), refused
    )
    _fill(verbs, view, on)
    sheet = sheets(document, read_version(version_id))
    backtests = [backtest_row(one) for one in list_backtests(view.code, sha256=view.sha256)]
    others = [one for one in versions if one.id != view.id]
    shadow = shadow_of(view, sheet["challenge"])
    if shadow and (file := download(request, shadow_table(view, shadow))):
        return file
    parts = [
        *([Part("changes", _("与前一版相比"), len(changes))] if before else []),
        Part("tests", _("测试案例"), len(sheet["tests"])),
        Part("tries", _("历史回测"), len(backtests)),
        *([Part("shadow", _("与挑战者比较"), shadow["cases"])] if shadow else []),
        *parts_of_sheet(sheet),
        *([Part("others", _("与其他版本比较"), len(others))] if others else []),
    ]
    opened = ("changes", "tests", "tries") if view.standing == WAITING else ("cutoffs",)
    context = risk_room(
        request,
        "policies",
        **version_row(view),
        code=view.code,
        name=policy_name(view.code),
        before=before,
        changes=changes,
        sheet=sheet,
        challenger=_named(sheet["challenge"], versions),
        shadow=shadow,
        backtests=backtests,
        others=others,
        folds=folded(request, parts, opened),
        verbs=verbs,
        error=refusal_of(refused, fitting),
        is_mine=view.standing == WAITING and view.proposed_by == f"user:{request.user.pk}",
        starting=KeyedForm() if proposes(request) else None,
        tries=bool(roles_held(request) & set(RELEASERS)),
    )
    status = 422 if refused else 200
    return render(request, "backoffice/risk/policies/version.html", context, status=status)


def _named(challenge: dict[str, Any] | None, versions: tuple[VersionView, ...]) -> str:
    """Return number and label of the version that challenges, where it is one of these."""
    if challenge is None:
        return ""
    found = (one for one in versions if one.sha256 == challenge["policy"])
    return next((f"{one.number} · {one.label}" for one in found), "")


def _compared_with(view: VersionView, versions: tuple[VersionView, ...]) -> VersionView | None:
    """Return what a version is shown against: what holds while it waits, else what held before."""
    if view.standing == WAITING:
        return next((one for one in versions if one.standing == IN_FORCE), None)
    return next((one for one in versions if one.id == view.based_on_id), None)


def _fitting(request: HttpRequest, view: VersionView) -> list[str]:
    """Return the verbs that fit the version as it stands and the person who looks."""
    held = roles_held(request)
    if view.standing == WAITING:
        if view.proposed_by == f"user:{request.user.pk}":
            return ["withdraw"] if held & set(PROPOSERS) else []
        return ["release", "refuse"] if held & set(RELEASERS) else []
    if view.standing == SUPERSEDED and held & set(PROPOSERS):
        return ["roll-back"]
    return []


def _fill(verbs: list[dict[str, Any]], view: VersionView, on: date) -> None:
    for one in verbs:
        if one["form"].is_bound:
            continue
        if one["name"] == "release":
            one["form"].initial["effective_on"] = max(view.proposed_for, on)
            one["form"].initial["sha256"] = view.sha256
        elif one["name"] == "roll-back":
            one["form"].initial["effective_on"] = on
