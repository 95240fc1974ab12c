"""The black, grey and white lists: add, put in force by a second person, end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from rongqiao.platform import clock
from rongqiao.risk.operations.fraud.listing.add_entry import AddEntry, add_entry
from rongqiao.risk.operations.fraud.listing.decide_entry import DecideEntry, decide_entry
from rongqiao.risk.operations.fraud.listing.end_entry import EndEntry, end_entry
from rongqiao.risk.queries.watching.lists import (
    LISTS,
    PAGE,
    EntryView,
    count_entries,
    list_entries,
)
from rongqiao.risk.queries.watching.marks import LISTABLE_KINDS
from rongqiao.web.backoffice.finance.acts import (
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
from rongqiao.web.frame.access import page_mark, staff
from rongqiao.web.frame.exports import MOST_ROWS, too_long
from rongqiao.web.frame.forms import DayField, KeyedForm

# What an entry lasts where nobody says otherwise.
USUAL = timedelta(days=365)


class EntryForm(KeyedForm):
    """A new entry."""

    standing = forms.ChoiceField(
        label=gettext_lazy("名单"),
        choices=[(code, words.STANDINGS[code]) for code in LISTS],
        help_text=gettext_lazy("黑名单与白名单须由另一位复核后生效；灰名单立即生效。"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"), choices=[(code, words.KINDS[code]) for code in LISTABLE_KINDS]
    )
    value = forms.CharField(
        label=gettext_lazy("内容"),
        max_length=200,
        help_text=gettext_lazy("只保存摘要与遮盖后的样子，原文不保存。"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    until_on = DayField(label=gettext_lazy("到期日"))
    reason = forms.CharField(
        label=gettext_lazy("理由"), max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )


class MarkForm(EntryForm):
    """A new entry for what was seen, whose value nobody knows."""

    value = None  # type: ignore[assignment]
    kind = forms.ChoiceField(
        widget=forms.HiddenInput,
        label="kind",
        choices=[(code, words.KINDS[code]) for code in LISTABLE_KINDS],
    )
    index = forms.CharField(widget=forms.HiddenInput, label="index", max_length=64)


VERBS = {
    "confirm": Verb(
        label=gettext_lazy("复核通过"),
        says=gettext_lazy("立即生效，到期日后自动失效。"),
        run=lambda pk, _said, call: decide_entry(DecideEntry(entry_id=pk, is_confirmed=True), call),
        tone="primary",
    ),
    "decline": Verb(
        label=gettext_lazy("驳回"),
        says=gettext_lazy("这一条不生效。"),
        run=lambda pk, _said, call: decide_entry(
            DecideEntry(entry_id=pk, is_confirmed=False), call
        ),
        tone="error",
    ),
    "end": Verb(
        label=gettext_lazy("移出"),
        says=gettext_lazy("从现在起不再生效。"),
        run=lambda pk, said, call: end_entry(EndEntry(entry_id=pk, reason=said["reason"]), call),
        form=ReasonForm,
        tone="error",
    ),
}


@sensitive_post_parameters("value")
@staff(*words.READERS)
def entry_list(request: HttpRequest) -> HttpResponse:
    """List entries, newest first, and take a new one."""
    form = _form(request) if words.acts(request) else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            said = {key: value for key, value in form.cleaned_data.items() if key != "key"}
            added = form.attempt(lambda: add_entry(AddEntry(**said), form.call(request)))
            if added is not None:
                in_force = added.state == "in-force"
                messages.success(
                    request, _("已生效。") if in_force else _("已提交，等待另一位复核。")
                )
                return redirect("fraud-lists")
    return _page(request, form)


@require_POST
@staff(*words.ACTORS)
def act(request: HttpRequest, entry_id: UUID, verb: str) -> HttpResponse:
    """Put an entry in force, decline or end it."""
    refused = attempt(request, VERBS, verb, entry_id)
    if refused is None:
        messages.success(request, _("已办理。"))
        return redirect("fraud-lists")
    return _page(request, _form(request, is_new=True), refused, entry_id)


def _form(request: HttpRequest, *, is_new: bool = False) -> EntryForm:
    first = {"until_on": clock.business_date() + USUAL}
    if request.method == "POST" and not is_new:
        kind = MarkForm if "index" in request.POST else EntryForm
        return kind(request.POST, initial=first)
    if request.GET.get("index"):
        given = {"kind": request.GET.get("kind", ""), "index": request.GET["index"]}
        return MarkForm(initial={**first, **given})
    return EntryForm(initial=first)


def _page(
    request: HttpRequest,
    form: EntryForm | None,
    refused: Refused | None = None,
    entry_id: UUID | None = None,
) -> HttpResponse:
    on = clock.business_date()
    standing, state = request.GET.get("standing", ""), request.GET.get("state", "")
    standing = standing if standing in words.STANDINGS else ""
    state = state if state in words.ENTRY_STATES else ""
    if request.GET.get("format") in {"csv", "xlsx"} and (
        refusal := too_long(request, count_entries(on, standing, state))
    ):
        return refusal
    table = Table(
        name="fraud-lists",
        title=_("名单"),
        heads=(_("名单"), _("类型"), _("内容"), _("理由"), _("生效日"), _("到期日"), _("状态")),
        rows=lambda: _file_rows(list_entries(on, standing, state, limit=MOST_ROWS)),
    )
    if file := download(request, table):
        return file
    start = page_mark(request) or 0
    rows = list_entries(on, standing, state, start, PAGE + 1)
    me = f"user:{request.user.pk}"
    shown = [_shown(one, request, me, refused if one.id == entry_id else None) for one in rows]
    context = words.fraud_room(
        request,
        "fraud-lists",
        rows=shown[:PAGE],
        form=form,
        of_mark=say(words.KINDS, str(form["kind"].value())) if isinstance(form, MarkForm) else "",
        is_open=bool(form and (form.errors or isinstance(form, MarkForm))),
        standings=words.STANDINGS.items(),
        states=words.ENTRY_STATES.items(),
        standing=standing,
        state=state,
        start=start,
        following=start + PAGE if len(rows) > PAGE else None,
        error=refusal_of(refused, [verb["name"] for one in shown for verb in one["verbs"]]),
    )
    is_wrong = bool(refused or (form and form.errors))
    return render(
        request, "backoffice/risk/fraud/lists.html", context, status=422 if is_wrong else 200
    )


def _shown(
    one: EntryView, request: HttpRequest, me: str, refused: Refused | None
) -> dict[str, Any]:
    """Return an entry with the verbs that fit it and the person who looks."""
    fitting: list[str] = []
    is_others = one.added_by != me
    if words.acts(request):
        if one.state == "waiting" and is_others:
            fitting = ["confirm", "decline"]
        elif one.state == "in-force" and (is_others or one.standing == "grey"):
            fitting = ["end"]
    return {
        "one": one,
        "standing": say(words.STANDINGS, one.standing),
        "tone": words.STANDING_TONES[one.standing],
        "kind": say(words.KINDS, one.kind),
        "state": say(words.ENTRY_STATES, one.state),
        "added": words.who(one.added_by),
        "decided": words.who(one.decided_by),
        "is_mine": one.state == "waiting" and not is_others,
        "verbs": shown_verbs(
            VERBS,
            fitting,
            lambda verb: reverse("fraud-list-act", args=[one.id, verb]),
            refused,
            mark=f"-{one.id}",
        ),
    }


def _file_rows(rows: Iterable[EntryView]) -> Iterable[tuple[Any, ...]]:
    return (
        (
            say(words.STANDINGS, one.standing),
            say(words.KINDS, one.kind),
            one.hint,
            one.reason,
            one.from_on,
            one.until_on,
            say(words.ENTRY_STATES, one.state),
        )
        for one in rows
    )
