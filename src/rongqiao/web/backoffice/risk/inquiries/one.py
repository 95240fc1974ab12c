"""One inquiry: its provenance, and its answer in full for whoever states a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from rongqiao.platform import clock
from rongqiao.risk.operations.inquiring.look_in_full import (
    LONGEST_REASON,
    LOOKERS,
    LookInFull,
    look_in_full,
)
from rongqiao.risk.queries.inquiring.inquiries import answer_in_full, get_inquiry, looks_at
from rongqiao.web.account.checks import words
from rongqiao.web.backoffice.finance.words import officer
from rongqiao.web.backoffice.risk.inquiries.frame import inquiry_room, shown
from rongqiao.web.backoffice.risk.rooms import RATING_READERS
from rongqiao.web.frame.access import roles_held, staff
from rongqiao.web.frame.forms import KeyedForm


class LookForm(KeyedForm):
    """Why the answer is looked at in full."""

    reason = forms.CharField(
        label=gettext_lazy("查看理由"),
        max_length=LONGEST_REASON,
        help_text=gettext_lazy("理由、时间和查看人会留下记录，本人可以查到自己被查询。"),
    )


@staff(*RATING_READERS)
def inquiry(request: HttpRequest, inquiry_id: UUID) -> HttpResponse:
    """Show where an inquiry came from and what became of it; the answer stays closed."""
    return _page(request, inquiry_id, None)


@never_cache
@require_POST
@staff(*LOOKERS)
def look(request: HttpRequest, inquiry_id: UUID) -> HttpResponse:
    """Put a look on record and show the answer, this once."""
    form = LookForm(request.POST)
    if form.is_valid():
        command = LookInFull(inquiry_id=inquiry_id, reason=form.cleaned_data["reason"])
        call = form.call(request)
        looked = form.attempt(lambda: look_in_full(command, call))
        if looked is not None:
            facts = answer_in_full(inquiry_id, looked.look_id, call.actor, clock.now())
            return _page(request, inquiry_id, None, facts)
    return _page(request, inquiry_id, form)


def _page(
    request: HttpRequest,
    inquiry_id: UUID,
    form: LookForm | None,
    facts: dict[str, Any] | None = None,
) -> HttpResponse:
    one = get_inquiry(inquiry_id)
    may_look = bool(roles_held(request) & LOOKERS) and one.outcome == "answered"
    context = inquiry_room(
        request,
        "inquiries",
        **shown(one),
        who=words.WHO[one.source.code],
        told=words.told(one.source),
        facts=words.shown_facts(one.source, facts) if facts is not None else None,
        form=(form or LookForm()) if may_look and facts is None else None,
        looks=[{"one": at, "who": officer(at.looked_by)} for at in looks_at(inquiry_id)],
    )
    status = 422 if form is not None else 200
    return render(request, "backoffice/risk/inquiries/one.html", context, status=status)
