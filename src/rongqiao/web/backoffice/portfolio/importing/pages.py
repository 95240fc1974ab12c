"""Imports on the desk: templates, the files' faults, totals, the second person's word."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.utils.translation import override as speaking
from django.views.decorators.http import require_POST
from typing_extensions import override

from rongqiao.finance.money import LARGEST_MINOR, Money
from rongqiao.lending.servicing.operations.importing.decide_import import (
    DecideImport,
    decide_import,
)
from rongqiao.lending.servicing.operations.importing.deciding import DECIDERS, PROPOSERS
from rongqiao.lending.servicing.operations.importing.propose_import import (
    LONGEST_REASON,
    ProposeImport,
    propose_import,
)
from rongqiao.lending.servicing.queries.amending.imports import (
    FILES,
    PAGE,
    Checked,
    ImportView,
    check_portfolio,
    columns_of,
    get_import,
    list_imports,
    template,
)
from rongqiao.platform import clock
from rongqiao.platform.operations import Call
from rongqiao.policies.roles import Role
from rongqiao.web.backoffice.finance.acts import (
    PlainForm,
    ReasonForm,
    Refused,
    Verb,
    attempt,
    refusal_of,
    shown_verbs,
)
from rongqiao.web.backoffice.finance.filters import offset_in, pages
from rongqiao.web.backoffice.finance.rooms import room
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.portfolio.importing import words
from rongqiao.web.backoffice.portfolio.rooms import CLASSES, RISK_READERS, TABS
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.downloads import attachment
from rongqiao.web.frame.exports import BYTE_ORDER_MARK, csv_of
from rongqiao.web.frame.forms import KeyedForm, MoneyField, first_error
from rongqiao.web.frame.sentences.table import SENTENCES

LARGEST_FILE = 64 * 1024 * 1024


class UploadForm(KeyedForm):
    """The four files and where they come from; `goal` says whether they are kept or only read."""

    reason = forms.CharField(
        label=gettext_lazy("来源"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("例如原系统的名称和导出日期"),
    )
    borrowers = forms.FileField(label=gettext_lazy("借款人（CSV）"))
    loans = forms.FileField(label=gettext_lazy("借款（CSV）"))
    instalments = forms.FileField(label=gettext_lazy("还款计划（CSV）"))
    payments = forms.FileField(label=gettext_lazy("还款记录（CSV）"))
    goal = forms.ChoiceField(
        label=gettext_lazy("办理"),
        choices=[
            ("check", gettext_lazy("只检查，什么都不保存")),
            ("file", gettext_lazy("只检查，问题另存为文件")),
            ("propose", gettext_lazy("检查无误后提交复核")),
        ],
    )

    @override
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in FILES:
            given: UploadedFile[Any] | None = cleaned.get(name)
            if given is not None and (given.size or 0) > LARGEST_FILE:
                self.add_error(name, _("文件太大：最多 64 MB，更大的请用命令行。"))
        return cleaned

    def contents(self) -> dict[str, bytes]:
        """Return the files' bytes by name."""
        return {name: self.cleaned_data[name].read() for name in FILES}


class ApproveForm(PlainForm):
    """The principal the second person read: another one is not approved."""

    shown = MoneyField(
        least=Money(0), most=Money(LARGEST_MINOR), label="shown", widget=forms.HiddenInput
    )


def _decide(word: str, pk: UUID, said: Mapping[str, Any], call: Call) -> Any:
    command = DecideImport(
        import_id=pk, word=word, shown=said.get("shown"), reason=said.get("reason", "")
    )
    return decide_import(command, call)


VERBS = {
    "approve": Verb(
        label=gettext_lazy("批准转入"),
        says=gettext_lazy("借款人、借款和历史全部写入，账上建立余额；一笔有错则全部不写。"),
        run=lambda pk, said, call: _decide("approve", pk, said, call),
        form=ApproveForm,
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("什么都不写入。"),
        run=lambda pk, said, call: _decide("decline", pk, said, call),
        form=ReasonForm,
        tone="error",
    ),
    "withdraw": Verb(
        label=gettext_lazy("撤回"),
        says=gettext_lazy("不再提出这次转入；什么都不写入。"),
        run=lambda pk, said, call: _decide("withdraw", pk, said, call),
        tone="error",
    ),
}


@staff(*RISK_READERS)
def import_list(request: HttpRequest) -> HttpResponse:
    """List imports, the latest first, with the templates."""
    offset = offset_in(request)
    found = list_imports(offset, PAGE + 1)
    context = _room(
        request,
        rows=[_shown(one) for one in found[:PAGE]],
        pages=pages(offset, PAGE, has_more=len(found) > PAGE),
        files=_described(),
        may_propose=_holds(request, PROPOSERS),
    )
    return render(request, "backoffice/portfolio/imports.html", context)


@staff(*RISK_READERS)
def template_file(request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """Give a file's template in the reader's language, as spreadsheets open it."""
    in_chinese = not (get_language() or "").startswith("en")
    content = (BYTE_ORDER_MARK + template(name, in_chinese=in_chinese)).encode()
    return attachment(content, f"{name}.csv", "text/csv; charset=utf-8")


@staff(*PROPOSERS)
def new_import(request: HttpRequest) -> HttpResponse:
    """Check the files of a portfolio and, where asked and nothing is wrong, propose it."""
    form = UploadForm(request.POST or None, request.FILES or None)
    checked: Checked | None = None
    if request.method == "POST" and form.is_valid():
        contents = form.contents()
        checked = check_portfolio(contents, clock.business_date())
        if checked.faults and form.cleaned_data["goal"] == "file":
            return _faults_file(checked)
        if checked.totals is not None and form.cleaned_data["goal"] == "propose":
            said = {name: base64.b64encode(contents[name]).decode() for name in FILES}
            command = ProposeImport(reason=form.cleaned_data["reason"], **said)
            done = form.attempt(lambda: propose_import(command, form.call(request)))
            if done is not None:
                messages.success(request, _("已提交，等待另一位财务复核。"))
                return redirect("import", done.import_id)
    context = _room(
        request,
        form=form,
        files=_described(),
        checked=checked,
        faults=_shown_faults(checked) if checked else (),
        classes=_classes(checked.totals) if checked and checked.totals else (),
    )
    is_refused = request.method == "POST" and (checked is None or checked.totals is None)
    status = 422 if is_refused or form.errors else 200
    return render(request, "backoffice/portfolio/new_import.html", context, status=status)


@staff(*RISK_READERS)
def import_page(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Show one import: its totals, who said what, what can be done."""
    return _page(request, import_id)


@require_POST
@staff(*{*PROPOSERS, *DECIDERS})
def act(request: HttpRequest, import_id: UUID, verb: str) -> HttpResponse:
    """Approve, decline or take back an import."""
    refused = attempt(request, VERBS, verb, import_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("import", import_id)
    return _page(request, import_id, refused)


def _page(request: HttpRequest, import_id: UUID, refused: Refused | None = None) -> HttpResponse:
    found = get_import(import_id)
    fitting = _fitting(request, found)
    is_stale = refused is not None and refused.verb == "approve"
    error = first_error(refused.form) if refused and is_stale else refusal_of(refused, fitting)
    verbs = shown_verbs(
        VERBS,
        fitting,
        lambda verb: reverse("import-act", args=[found.id, verb]),
        None if is_stale else refused,
    )
    for one in verbs:
        if one["name"] == "approve":
            one["form"].initial["shown"] = found.totals.principal
    context = _room(
        request,
        **_shown(found),
        classes=_classes(found.totals),
        proposer=officer(found.proposed_by),
        decider=officer(found.decided_by) if found.decided_by else "",
        failed=SENTENCES.get(found.failed_because, found.failed_because),
        verbs=verbs,
        error=error,
    )
    status = 422 if refused else 200
    return render(request, "backoffice/portfolio/import.html", context, status=status)


def _fitting(request: HttpRequest, one: ImportView) -> list[str]:
    if one.state != "waiting":
        return []
    if one.proposed_by == f"user:{request.user.pk}":
        return ["withdraw"]
    return ["approve", "decline"] if _holds(request, DECIDERS) else []


def _faults_file(checked: Checked) -> HttpResponse:
    """Give all that is told of the faults, in both languages."""
    rows = []
    for one in checked.faults:
        said = []
        for language in ("zh-hans", "en"):
            with speaking(language):
                said.append(str(words.FAULTS[one.code]))
        rows.append((one.file.value, one.line, one.field, one.value, one.code, *said, one.allowed))
    heads = ("file", "line", "field", "value", "code", "问题", "fault", "allowed")
    return csv_of("import-faults", heads, rows)


def _shown_faults(checked: Checked) -> Iterable[dict[str, Any]]:
    return [
        {"one": one, "file": f"{one.file.value}.csv", "says": words.FAULTS[one.code]}
        for one in checked.faults
    ]


def _described() -> list[dict[str, Any]]:
    return [
        {"name": name, "label": label, "columns": columns_of(name)}
        for name, label in words.FILES.items()
    ]


def _classes(totals: Any) -> list[dict[str, Any]]:
    return [{"one": one, "name": say(CLASSES, one.risk_class)} for one in totals.classes]


def _shown(one: ImportView) -> dict[str, Any]:
    return {
        "one": one,
        "state": say(words.STATES, one.state),
        "tone": words.TONES.get(one.state, "ghost"),
    }


def _room(request: HttpRequest, **more: Any) -> dict[str, Any]:
    return room(request, TABS, "imports", **more)


def _holds(request: HttpRequest, roles: Iterable[Role]) -> bool:
    return bool(roles_held(request) & set(roles))
