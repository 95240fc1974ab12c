"""Who was seen with an exact phone, id or card; and one subject with all that is known of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from rongqiao.platform import clock
from rongqiao.risk.queries.watching.cases import cases_of
from rongqiao.risk.queries.watching.lists import entries_with
from rongqiao.risk.queries.watching.marks import LISTABLE_KINDS, is_readable, mark
from rongqiao.risk.queries.watching.subjects import (
    DAYS,
    WINDOWS,
    SubjectView,
    find_by_mark,
    get_subject,
)
from rongqiao.web.backoffice.finance.tables import Table, download
from rongqiao.web.backoffice.finance.words import say
from rongqiao.web.backoffice.risk.fraud import words
from rongqiao.web.backoffice.risk.fraud.queue import shown_rows
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.charts import Chart, Series, stacked_bars
from rongqiao.web.frame.forms import StrictForm

DIGEST = 64
# Deeds in the chart; the table has all of them.
CHARTED = ("logged-in", "visited", "applied", "card-added", "withdrew")


class SearchForm(StrictForm):
    """An exact value of one kind."""

    kind = forms.ChoiceField(
        label=gettext_lazy("类型"), choices=[(code, words.KINDS[code]) for code in LISTABLE_KINDS]
    )
    value = forms.CharField(
        label=gettext_lazy("完整内容"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-key": "/"}),
        help_text=gettext_lazy("按摘要精确查找；地址栏与日志里都没有原文。"),
    )

    def clean_value(self) -> str:
        """Refuse what has no normal form of the kind that was chosen."""
        value: str = self.cleaned_data["value"]
        kind = self.cleaned_data.get("kind")
        if kind and not is_readable(kind, value):
            raise forms.ValidationError(
                _("这不是一个完整的%(kind)s，请核对后重新填写。") % {"kind": say(words.KINDS, kind)}
            )
        return value


@sensitive_post_parameters("value")
@staff(*words.READERS)
def search(request: HttpRequest) -> HttpResponse:
    """Take a value, go on under its digest, and show who was seen with it."""
    form = SearchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = mark(form.cleaned_data["kind"], form.cleaned_data["value"])
        query = urlencode({"kind": found.kind, "index": found.index})
        return redirect(f"{reverse('fraud-search')}?{query}")
    kind, index = request.GET.get("kind", ""), request.GET.get("index", "")
    context: dict[str, Any] = {"form": form, "kind": "", "index": ""}
    if request.method == "GET" and kind and index:
        if kind not in words.KINDS or len(index) != DIGEST or set(index) - set("0123456789abcdef"):
            raise Http404
        people = find_by_mark(kind, index)
        names = words.names_of(one.subject_id for one in people)
        table = Table(
            name="fraud-search",
            title=_("查找结果"),
            heads=(_("主体"), _("首次"), _("最近")),
            rows=lambda: ((names[one.subject_id], one.first_at, one.last_at) for one in people),
        )
        if file := download(request, table):
            return file
        context |= {
            "kind": kind,
            "kind_name": say(words.KINDS, kind),
            "index": index,
            "may_list": words.acts(request) and kind in LISTABLE_KINDS,
            "people": [{"one": one, "name": names[one.subject_id]} for one in people],
            "entries": [
                {
                    "one": one,
                    "standing": say(words.STANDINGS, one.standing),
                    "tone": words.STANDING_TONES[one.standing],
                    "state": say(words.ENTRY_STATES, one.state),
                }
                for one in entries_with(kind, index, clock.business_date())
            ],
        }
    return render(
        request,
        "backoffice/risk/fraud/search.html",
        words.fraud_room(request, "fraud-search", **context),
        status=422 if form.errors else 200,
    )


@staff(*words.READERS)
def subject(request: HttpRequest, subject_id: UUID) -> HttpResponse:
    """Show what is known of one subject: rules, attributes, how often it did what."""
    view = get_subject(subject_id, clock.now())
    marks: list[dict[str, Any]] = [
        {
            "one": one,
            "kind": say(words.KINDS, one.kind),
            "standing": say(words.STANDINGS, one.standing) if one.standing else "",
            "tone": words.STANDING_TONES.get(one.standing, ""),
        }
        for one in view.marks
    ]
    table = Table(
        name="fraud-subject",
        title=_("特征"),
        heads=(_("类型"), _("首次"), _("最近"), _("另有主体")),
        rows=lambda: (
            (item["kind"], item["one"].first_at, item["one"].last_at, item["one"].others)
            for item in marks
        ),
    )
    if file := download(request, table):
        return file
    said = view.assessment
    context = words.fraud_room(
        request,
        "fraud-search",
        view=view,
        name=words.names_of([subject_id])[subject_id],
        marks=marks,
        outcome=say(words.OUTCOMES, said.outcome),
        outcome_tone=words.OUTCOME_TONES[said.outcome],
        rules=[
            {"one": one, "says": words.rule(one.code, one.value, one.bound)} for one in said.met
        ],
        deeds=[
            {
                "deed": say(words.DEEDS, one.deed),
                "counts": [
                    {"window": window, "count": count}
                    for window, count in zip(WINDOWS, one.windows, strict=True)
                ],
            }
            for one in view.deeds
        ],
        windows=WINDOWS,
        chart=_chart(view),
        cases=shown_rows(cases_of(subject_id)),
    )
    return render(request, "backoffice/risk/fraud/subject.html", context)


def _chart(view: SubjectView) -> Chart | None:
    """Return deeds by day of the last thirty; the table beside tells them by window."""
    charted = [one for one in view.deeds if one.deed in CHARTED and any(one.days)]
    if not charted:
        return None
    labels = [_("今天") if back == 0 else f"-{back}" for back in range(DAYS - 1, -1, -1)]
    # The charts' unit is the fen: a count is drawn as so many yuan and told as a plain number.
    chart = stacked_bars(
        "velocity-chart",
        _("近 30 天每天的次数"),
        labels,
        [Series(say(words.DEEDS, one.deed), [100 * n for n in one.days]) for one in charted],
    )
    series = [
        {**drawn, "values": [str(n) for n in one.days]}
        for drawn, one in zip(chart.content["series"], charted, strict=True)
    ]
    return replace(chart, content={**chart.content, "series": series, "plain": True})
