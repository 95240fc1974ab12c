"""My inquiries: whom we ask about me and why, what they said, and the list of all of it.

PIPL art. 44 and 45: whoever is asked about may know, see and take along what was found.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from rongqiao.parties.queries import PartyView, consents_of
from rongqiao.platform import clock
from rongqiao.policies.consents import FACE_CHECK, text_in_force
from rongqiao.policies.credit.sources import Source, source_of
from rongqiao.risk.operations.inquiring.open_inquiry import OpenInquiry, open_inquiry
from rongqiao.risk.queries.inquiring.inquiries import (
    InquiryView,
    answers_about,
    inquiries_about,
)
from rongqiao.risk.queries.inquiring.standing import Standing, standing_of
from rongqiao.web.account.checks import words
from rongqiao.web.account.checks.asking import have_asked, needed_for, user_of
from rongqiao.web.frame.access import acting, parties_of, party_of, safe_next
from rongqiao.web.frame.exports import csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm, first_error
from rongqiao.web.frame.sheets import Sheet, xlsx_of

SHOWN = 100


class FaceForm(KeyedForm):
    """A recorded test of liveness, where no camera is at hand (development)."""

    recording = forms.ChoiceField(
        label=gettext_lazy("录制的检测结果"),
        choices=(
            ("recorded:live:0.97", gettext_lazy("真人，相似度 0.97")),
            ("recorded:live:0.62", gettext_lazy("真人，相似度 0.62")),
            ("recorded:spoof:0.41", gettext_lazy("非真人，相似度 0.41")),
        ),
    )


@acting
def my_inquiries(request: HttpRequest) -> HttpResponse:
    """Show the sources, what each said last, and the list of all inquiries; or that as a file."""
    parties = parties_of(request)
    listed = inquiries_about(party.id for party in parties)
    if file := _file(request, listed):
        return file
    shown = listed[:SHOWN]
    answers = answers_about([one.id for one in parties], [one.id for one in shown])
    names = {party.id: party.name for party in parties}
    context = {
        **_progress(request, party_of(request)),
        "rows": [
            {
                "one": one,
                "party": names[one.party_id],
                "facts": words.shown_facts(one.source, answers.get(one.id, {})),
                **_labels(one),
            }
            for one in shown
        ],
        "count": len(listed),
        "start": KeyedForm(),
        "face": _face(request),
        "next": safe_next(request, ""),
    }
    return render(request, "account/checks/inquiries.html", context)


@acting
def progress(request: HttpRequest) -> HttpResponse:
    """Answer how each source stands now, for the page that waits."""
    return render(request, "account/checks/progress.html", _progress(request, party_of(request)))


@require_POST
@acting
def begin(request: HttpRequest) -> HttpResponse:
    """Have the sources asked that the user agreed to and whose answer is missing or old."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    party, at = party_of(request), clock.now()
    standing = standing_of([party.id], at).get(party.id, {})
    wanted = [
        code
        for code in needed_for(party, clock.business_date())
        if not (code in standing and standing[code].holds(at))
    ]
    opened = have_asked(request, party.id, wanted, "application")
    if opened:
        messages.success(request, _("已开始查询，结果会显示在下面。"))
    else:
        messages.info(request, _("没有需要查询的来源：已有结果仍有效，或还没有您的授权。"))
    after = safe_next(request, "")
    query = f"?{urlencode({'next': after})}" if after else ""
    return redirect(reverse("my-inquiries") + query)


@require_POST
@acting
def show_face(request: HttpRequest) -> HttpResponse:
    """Take the recorded result of a liveness test and have it compared."""
    form = FaceForm(request.POST)
    if not settings.DEVELOPMENT or not form.is_valid():
        raise BadRequest
    command = OpenInquiry(
        source="face",
        party_id=party_of(request).id,
        user_id=user_of(request),
        purpose="identity-check",
        recording=form.cleaned_data["recording"],
    )
    if form.attempt(lambda: open_inquiry(command, form.call(request))) is None:
        messages.error(request, first_error(form))
    return redirect("my-inquiries")


def _face(request: HttpRequest) -> FaceForm | None:
    """Return the form for a recorded test: for people, in development, once they agreed."""
    is_offered = settings.DEVELOPMENT and party_of(request).is_person
    return FaceForm() if is_offered and FACE_CHECK in _given(request) else None


def _given(request: HttpRequest) -> set[str]:
    return {one.kind for one in consents_of(user_of(request)) if one.is_given}


def _progress(request: HttpRequest, party: PartyView) -> dict[str, Any]:
    """Return the sources that the drafts need and those asked before, with consents and answers."""
    at, given = clock.now(), _given(request)
    standing = standing_of([party.id], at).get(party.id, {})
    needed = needed_for(party, clock.business_date())
    extra = [code for code in standing if code not in needed]
    sources = [source_of(code) for code in (*needed, *extra)]
    rows = [_source(one, standing.get(one.code), given) for one in sources]
    is_waiting = any(one.outcome == "open" for one in standing.values())
    missing = [
        one
        for one in rows[: len(needed)]
        if not (one["standing"] and one["standing"].holds(at)) and one["agreed"]
    ]
    return {
        "party": party,
        "sources": rows,
        "is_waiting": is_waiting,
        "can_begin": bool(missing) and not is_waiting,
        "texts": _texts(sources, given, is_person=party.is_person),
    }


def _source(source: Source, standing: Standing | None, given: set[str]) -> dict[str, Any]:
    return {
        "source": source,
        "name": words.SOURCES[source.code],
        "who": words.WHO[source.code],
        "why": words.WHY[source.code],
        "told": words.told(source),
        "agreed": source.consent in given,
        "standing": standing,
        "outcome": words.OUTCOMES[standing.outcome] if standing else "",
        "tone": words.TONES[standing.outcome] if standing else "",
        "facts": words.shown_facts(source, standing.facts) if standing else [],
    }


def _texts(sources: list[Source], given: set[str], *, is_person: bool) -> list[dict[str, Any]]:
    """Return the texts behind the sources, each with whether it is agreed to; a face's aside."""
    kinds = [one.consent for one in sources] + ([FACE_CHECK] if is_person else [])
    return [
        {
            "text": text_in_force(kind, clock.calendar_date()),
            "agreed": kind in given,
            "form": KeyedForm(),
        }
        for kind in dict.fromkeys(kinds)
    ]


def _labels(one: InquiryView) -> dict[str, Any]:
    return {
        "source": words.SOURCES[one.source.code],
        "purpose": words.PURPOSES[one.purpose],
        "outcome": words.OUTCOMES[one.outcome],
        "tone": words.TONES[one.outcome],
    }


def _file(request: HttpRequest, listed: list[InquiryView]) -> HttpResponse | None:
    is_sheet = request.GET.get("format") == "xlsx"
    if not is_sheet and not wants_csv(request):
        return None
    answers = answers_about({one.party_id for one in listed}, [one.id for one in listed])
    heads = (
        *(_("时间"), _("来源"), _("机构"), _("关于"), _("目的"), _("依据的授权"), _("授权时间")),
        *(_("结果"), _("答复时间"), _("答复内容"), _("编号")),
    )
    rows = [
        (
            one.asked_at,
            str(words.SOURCES[one.source.code]),
            str(words.WHO[one.source.code]),
            one.subject,
            str(words.PURPOSES[one.purpose]),
            words.consent_words(one.consent_kind, one.consent_version),
            one.consented_at,
            str(words.OUTCOMES[one.outcome]),
            one.answered_at,
            _told_in_a_cell(one, answers.get(one.id, {})),
            str(one.id),
        )
        for one in listed
    ]
    if is_sheet:
        sheet = Sheet(title=_("关于我的查询"), facts=(), heads=heads, rows=rows)
        return xlsx_of("my-inquiries", sheet)
    return csv_of("my-inquiries", heads, rows)


def _told_in_a_cell(one: InquiryView, facts: dict[str, Any]) -> str:
    shown = words.shown_facts(one.source, facts)
    return "; ".join(f"{fact['label']} {fact['value']}" for fact in shown)
