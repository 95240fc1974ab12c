"""One draft: what it changes, how its test cases come out, and its proposal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.platform import clock
from rongqiao.risk.operations.policies.deciding import LONGEST_REASON, PROPOSERS, RELEASERS
from rongqiao.risk.operations.policies.drop_draft import DropDraft, drop_draft
from rongqiao.risk.operations.policies.propose_policy import (
    LONGEST_LABEL,
    ProposePolicy,
    propose_policy,
)
from rongqiao.risk.queries.policies.backtests import list_backtests
from rongqiao.risk.queries.policies.documents import differences, file_of, read_document, sha256
from rongqiao.risk.queries.policies.drafts import get_draft
from rongqiao.risk.queries.policies.versions import document_of
from rongqiao.web.backoffice.finance.words import officer
from rongqiao.web.backoffice.risk.policies.editing.revised import RevisedForm
from rongqiao.web.backoffice.risk.policies.editing.sections import sections_of
from rongqiao.web.backoffice.risk.policies.folding import Part, folded, parts_of_sheet
from rongqiao.web.backoffice.risk.policies.overview import backtest_row, proposes
from rongqiao.web.backoffice.risk.policies.shown import sheets
from rongqiao.web.backoffice.risk.policies.words import difference_rows, policy_name
from rongqiao.web.backoffice.risk.rooms import POLICY_READERS, risk_room
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.forms import DayField, first_error


class ProposeForm(RevisedForm):
    """The draft as a version: its name, from when it is to hold, and why."""

    label = forms.CharField(
        label=gettext_lazy("版本名称"),
        max_length=LONGEST_LABEL,
        help_text=gettext_lazy("如 consumer-2026-03"),
    )
    effective_on = DayField(label=gettext_lazy("自哪日起生效"))
    reason = forms.CharField(
        label=gettext_lazy("为什么修改"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


@staff(*POLICY_READERS)
def draft_page(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Show a draft: its changes, its parts with their forms, its back-tests."""
    return _page(request, draft_id)


@require_POST
@staff(*PROPOSERS)
def propose(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Propose the draft as the next version."""
    form = ProposeForm(request.POST)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("revision", "label", "reason")}
        command = ProposePolicy(
            draft_id=draft_id, effective_on=form.cleaned_data["effective_on"], **said
        )
        done = form.attempt(lambda: propose_policy(command, form.call(request)))
        if done is not None:
            messages.success(request, _("已提出，等待另一位放行。"))
            return redirect("policy-version", done.version_id)
    return _page(request, draft_id, form)


@require_POST
@staff(*PROPOSERS)
def drop(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Put the draft aside for good."""
    form = RevisedForm(request.POST)
    if form.is_valid():
        command = DropDraft(draft_id=draft_id, revision=form.cleaned_data["revision"])
        if form.attempt(lambda: drop_draft(command, form.call(request))) is not None:
            messages.success(request, _("草稿已放弃。"))
            return redirect("policy-history", get_draft(draft_id)[0].code)
    messages.error(request, first_error(form))
    return redirect("policy-draft", draft_id)


@staff(*POLICY_READERS)
def draft_json(_request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Return the draft's document as a file."""
    draft, document = get_draft(draft_id)
    name = f"{draft.code}-draft-{draft.revision}.json"
    return attachment(file_of(document), name, "application/json")


def _page(request: HttpRequest, draft_id: UUID, form: ProposeForm | None = None) -> HttpResponse:
    draft, document = get_draft(draft_id)
    edits = draft.state == "open" and proposes(request)
    changes = difference_rows(differences(document_of(draft.based_on_id), document))
    sheet = sheets(document, read_document(document))
    failing = [one for one in sheet["tests"] if one["run"] and not one["run"].is_held]
    backtests = _backtests(draft.code, document)
    parts = [
        Part("changes", _("已修改"), len(changes)),
        Part("tests", _("测试案例"), len(sheet["tests"])),
        Part("tries", _("历史回测"), len(backtests)),
        *parts_of_sheet(sheet),
    ]
    context = risk_room(
        request,
        "policies",
        draft=draft,
        name=policy_name(draft.code),
        changer=officer(draft.changed_by),
        maker=officer(draft.made_by),
        changes=changes,
        sheet=sheet,
        failing=failing,
        folds=folded(request, parts, ("changes", "tests") if failing else ("changes",)),
        sections=sections_of(document) if edits else [],
        backtests=backtests,
        form=(form or _proposal(document, draft.revision)) if edits else None,
        is_open=form is not None,
        dropping=RevisedForm(initial={"revision": draft.revision}, auto_id="drop-%s")
        if edits
        else None,
        tries=draft.state == "open" and bool(roles_held(request) & set(RELEASERS)),
    )
    status = 422 if form is not None else 200
    return render(request, "backoffice/risk/policies/draft.html", context, status=status)


def _backtests(code: str, document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the back-tests of the draft as it stands, not of what it said before."""
    return [backtest_row(one) for one in list_backtests(code, sha256=sha256(document))]


def _proposal(document: dict[str, Any], revision: int) -> ProposeForm:
    return ProposeForm(
        initial={
            "revision": revision,
            "label": document["label"],
            "effective_on": clock.business_date(),
        }
    )
