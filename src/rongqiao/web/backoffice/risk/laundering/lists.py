"""Lists: a file is taken in as a version, and customers are held against what it brought."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongqiao.risk.operations.laundering.screening.import_list import (
    LONGEST_CODE,
    LONGEST_SOURCE,
    ImportList,
    import_list,
)
from rongqiao.risk.queries.laundering.lists import (
    ChangedEntry,
    VersionView,
    get_version,
    list_versions,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import officer, say
from rongqiao.web.backoffice.risk.laundering.wall import compliance_only, frame
from rongqiao.web.backoffice.risk.laundering.words import CHANGES, LIST_KINDS
from rongqiao.web.frame.forms import KeyedForm

MOST_BYTES = 20_000_000


class ListForm(KeyedForm):
    """A list's file: which list, where from, and whether it is meant to shrink."""

    code = forms.SlugField(
        label=gettext_lazy("名单代码"),
        max_length=LONGEST_CODE,
        help_text=gettext_lazy("同一份名单用同一个代码，如 un-consolidated"),
    )
    kind = forms.ChoiceField(label=gettext_lazy("类别"), choices=list(LIST_KINDS.items()))
    source = forms.CharField(label=gettext_lazy("来源"), max_length=LONGEST_SOURCE)
    file = forms.FileField(
        label=gettext_lazy("文件"), help_text=gettext_lazy("CSV（首行为列名）或 JSON，UTF-8")
    )
    is_shrinking_meant = forms.BooleanField(
        label=gettext_lazy("确认名单缩减一半以上"), required=False
    )

    def clean_file(self) -> str:
        """Return the file's text; raises ValidationError for what is no text or too large."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件太大：最多 20 MB。"), code="size")
        try:
            text: str = file.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("文件不是 UTF-8 文本。"), code="encoding") from None
        return text


@compliance_only("GET", "HEAD", "POST")
def list_page(request: HttpRequest) -> HttpResponse:
    """Show versions, newest first; a post takes a file in."""
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        command = ImportList(
            code=said["code"],
            kind=said["kind"],
            source=said["source"],
            content=said["file"],
            is_shrinking_meant=said["is_shrinking_meant"],
        )
        done = form.attempt(lambda: import_list(command, form.call(request)))
        if done is not None:
            messages.success(request, _("已导入。现有客户随后自动按新增和变更的条目重查。"))
            return redirect("laundering-list", done.version_id)
    if file := download(request, _file()):
        return file
    context = frame(request, "laundering-lists", rows=_shown(list_versions()), form=form)
    status = 422 if form.errors else 200
    return render(request, "backoffice/laundering/lists.html", context, status=status)


@compliance_only()
def version_page(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """Show what a version changed."""
    view, changed = get_version(version_id)
    if file := download(request, _changes(view, changed)):
        return file
    context = frame(
        request,
        "laundering-lists",
        version=view,
        kind=say(LIST_KINDS, view.kind),
        by=officer(view.imported_by),
        rows=[{"one": one, "what": say(CHANGES, one.what)} for one in changed],
        is_cut=len(changed) < view.added + view.changed + view.removed,
    )
    return render(request, "backoffice/laundering/version.html", context)


def _shown(rows: tuple[VersionView, ...]) -> list[dict[str, Any]]:
    return [{"one": one, "kind": say(LIST_KINDS, one.kind)} for one in rows]


def _file() -> Table:
    return Table(
        name="watchlists",
        title=_("名单"),
        heads=(
            _("名单代码"),
            _("版本"),
            _("类别"),
            _("来源"),
            _("条目"),
            _("新增"),
            _("变更"),
            _("移出"),
            _("导入时间"),
        ),
        rows=lambda: (
            (
                row["one"].code,
                row["one"].number,
                row["kind"],
                row["one"].source,
                row["one"].entries,
                row["one"].added,
                row["one"].changed,
                row["one"].removed,
                row["one"].imported_at,
            )
            for row in _shown(list_versions())
        ),
    )


def _changes(view: VersionView, changed: tuple[ChangedEntry, ...]) -> Table:
    return Table(
        name=f"watchlist-{view.code}-{view.number}",
        title=_("名单变更"),
        heads=(_("变更"), _("编号"), _("名称"), _("出生日期"), _("国籍"), _("依据")),
        rows=lambda: (
            (
                say(CHANGES, one.what),
                one.listed.reference,
                "；".join(one.listed.names),
                "；".join(one.listed.born),
                "；".join(one.listed.countries),
                one.listed.programme,
            )
            for one in changed
        ),
    )
