"""The forms of a draft: one part of the document at a time, or all of it as JSON."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from typing_extensions import override

from rongqiao.risk.operations.policies.checking import LONGEST_BODY, PolicyUnreadable
from rongqiao.risk.operations.policies.deciding import PROPOSERS
from rongqiao.risk.operations.policies.save_draft import SaveDraft, save_draft
from rongqiao.risk.operations.policies.start_draft import DraftAt
from rongqiao.risk.queries.policies.documents import BadPolicy, file_of, from_text
from rongqiao.risk.queries.policies.drafts import DraftView, get_draft
from rongqiao.web.backoffice.risk.policies.editing.entries import Document, Entry, Group
from rongqiao.web.backoffice.risk.policies.editing.revised import RevisedForm
from rongqiao.web.backoffice.risk.policies.editing.sections import apply, groups_of, sections_of
from rongqiao.web.backoffice.risk.policies.words import fault_words, path_words, policy_name
from rongqiao.web.backoffice.risk.rooms import risk_room
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import dress, name_fields, shown

_DECIMAL = re.compile(r"-?\d{1,20}(\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,6}", re.ASCII)


class NumberField(forms.CharField):
    """A number as text, whole or with decimals; kept as it was written."""

    def __init__(self, *, is_whole: bool, **options: Any) -> None:
        """Take `570` where it is whole, else `0.55` too."""
        self.is_whole = is_whole
        super().__init__(max_length=34, **options)
        self.widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})

    @override
    def to_python(self, value: Any) -> Any:
        text: Any = super().to_python(value)
        if text in self.empty_values:
            return ""
        if not (_WHOLE if self.is_whole else _DECIMAL).fullmatch(text):
            told = _("整数") if self.is_whole else _("数字，如 0.55")
            raise forms.ValidationError(
                _("%(field)s「%(value)s」不对：须为%(told)s。")
                % {"field": self.label, "value": shown(text), "told": told},
                code="number",
            )
        return text


class SectionForm(RevisedForm):
    """The fields of one part; `where` leads from a path of the document to its field."""

    def __init__(self, *args: Any, groups: list[Group], **options: Any) -> None:
        """Lay out the fields of these groups."""
        super().__init__(*args, **options)
        self.groups = groups
        self.where: dict[str, str] = {}
        for group in groups:
            for entry in group.entries:
                self.fields[entry.name] = _field(entry)
                self.where[_plain_path(entry.where)] = entry.name
        dress(self)
        name_fields(self)

    @property
    def laid_out(self) -> list[dict[str, Any]]:
        """Return the groups with their bound fields, for the page."""
        return [
            {
                "heading": group.heading,
                "fields": [self[entry.name] for entry in group.entries],
                "is_wrong": any(entry.name in self.errors for entry in group.entries),
            }
            for group in self.groups
        ]

    def say_fault(self, where: str, what: str) -> None:
        """Put what is wrong beside the field that it stands in, else above the form."""
        name = self._nearest(where)
        sentence = fault_words(what)
        if name is None:
            told = path_words([part for part in re.split(r"[.\[\]]+", where) if part])
            sentence = f"{told}：{sentence}" if told else sentence
        self.add_error(name, sentence)

    def _nearest(self, where: str) -> str | None:
        """Return the field of a path, of a part of it, or of what it is part of."""
        path = where
        while path:
            inside = (name for own, name in self.where.items() if own.startswith(path))
            if path in self.where:
                return self.where[path]
            if found := next(inside, None):
                return found
            path = re.sub(r"(\.[^.\[\]]+|\[\d+\]|^[^.\[\]]+)$", "", path)
        return None


class JsonForm(RevisedForm):
    """The whole document as text, or as a file."""

    body = forms.CharField(
        label=gettext_lazy("全文"),
        max_length=LONGEST_BODY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false"}),
    )
    upload = forms.FileField(
        label=gettext_lazy("或者导入文件"),
        required=False,
        help_text=gettext_lazy("导出的 .json；选了文件就以文件为准"),
    )

    def text(self) -> str:
        """Return what was given: the file's text, else the field's."""
        upload = self.cleaned_data.get("upload")
        if upload is None:
            return str(self.cleaned_data["body"])
        return str(upload.read(LONGEST_BODY * 4).decode("utf-8", "replace"))


def _plain_path(where: str) -> str:
    """Return a field's path without what only we know of it (a cut-off's key, a whole rule)."""
    return re.sub(r"\.(#\w+|[\w.-]+/[\w.-]+/\d+)$", "", where)


def _field(entry: Entry) -> forms.Field:
    told = {
        "label": entry.label,
        "required": entry.is_required and entry.kind != "flag",
        "initial": entry.value,
        "help_text": entry.help,
    }
    if entry.kind in ("whole", "decimal"):
        return NumberField(is_whole=entry.kind == "whole", **told)
    if entry.kind == "choice":
        return forms.ChoiceField(choices=list(entry.choices), **told)
    if entry.kind == "flag":
        return forms.BooleanField(**told)
    if entry.kind in ("long", "lines"):
        rows = 2 if entry.kind == "long" else max(2, str(entry.value).count("\n") + 1)
        box = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        return forms.CharField(max_length=8000, widget=box, **told)
    return forms.CharField(max_length=200, **told)


@staff(*PROPOSERS)
def edit(request: HttpRequest, draft_id: UUID, section: str) -> HttpResponse:
    """Show one part's form and save what is said; what is wrong stands beside its field."""
    draft, document = get_draft(draft_id)
    if draft.state != "open" or all(one["slug"] != section for one in sections_of(document)):
        raise Http404
    if section == "json":
        return _edit_json(request, draft, document)
    groups = groups_of(section, document)
    form = SectionForm(request.POST or None, groups=groups, initial={"revision": draft.revision})
    if request.method == "POST" and form.is_valid():
        made = apply(section, document, form.cleaned_data)
        if _save(request, form, draft, json.dumps(made, ensure_ascii=False)):
            return redirect("policy-draft", draft.id)
    return _page(request, draft, document, form, section)


def _edit_json(request: HttpRequest, draft: DraftView, document: Document) -> HttpResponse:
    form = JsonForm(
        request.POST or None,
        request.FILES or None,
        initial={"revision": draft.revision, "body": file_of(document).decode()},
    )
    if request.method == "POST" and form.is_valid():
        try:
            text = json.dumps(from_text(form.text()), ensure_ascii=False)
        except BadPolicy as bad:
            form.add_error("body", fault_words(bad.what))
        else:
            if _save(request, form, draft, text):
                return redirect("policy-draft", draft.id)
    return _page(request, draft, document, form, "json")


def _save(request: HttpRequest, form: RevisedForm, draft: DraftView, body: str) -> bool:
    """Save the document; what is wrong with it stands beside its field."""
    command = SaveDraft(draft_id=draft.id, revision=form.cleaned_data["revision"], body=body)
    faults: list[PolicyUnreadable] = []

    def save() -> DraftAt | None:
        try:
            return save_draft(command, form.call(request))
        except PolicyUnreadable as bad:
            faults.append(bad)
            return None

    if form.attempt(save) is not None:
        messages.success(request, _("已保存到草稿。"))
        return True
    for bad in faults:
        where, what = bad.facts["field"], bad.facts["value"]
        if isinstance(form, SectionForm):
            form.say_fault(where, what)
        else:
            form.add_error("body", f"{where}：{fault_words(what)}" if where else fault_words(what))
    return False


def _page(
    request: HttpRequest, draft: DraftView, document: Document, form: RevisedForm, section: str
) -> HttpResponse:
    context = risk_room(
        request,
        "policies",
        draft=draft,
        name=policy_name(draft.code),
        form=form,
        section=section,
        sections=sections_of(document),
    )
    status = 422 if form.is_bound else 200
    return render(request, "backoffice/risk/policies/edit.html", context, status=status)
