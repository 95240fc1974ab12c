"""What the user was told: the list, reading it, and whether to be texted and mailed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.engagement.notifications.operations.choose_channels import (
    ChooseChannels,
    choose_channels,
)
from rongqiao.engagement.notifications.operations.read_notices import ReadNotices, read_notices
from rongqiao.engagement.notifications.queries import (
    PAGE,
    NoticeView,
    channel_standing_of,
    list_notices,
)
from rongqiao.web.frame.exports import MOST_ROWS, csv_of, wants_csv
from rongqiao.web.frame.forms import KeyedForm, call_of, first_error


class ReadForm(KeyedForm):
    """Up to which notice everything was read."""

    up_to = forms.IntegerField(min_value=1, max_value=2**62, widget=forms.HiddenInput)


class ChannelForm(KeyedForm):
    """A channel, and whether it is wanted."""

    channel = forms.ChoiceField(choices=(("sms", ""), ("mail", "")), widget=forms.HiddenInput)
    is_wanted = forms.BooleanField(required=False, widget=forms.HiddenInput)


@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """List the user's notices, newest first; `before` pages on; the file holds all of them."""
    user_id = UUID(str(request.user.pk))
    if wants_csv(request):
        kept = list_notices(user_id, limit=MOST_ROWS)
        return csv_of("notices", (_("时间"), _("内容")), ((one.told_at, one.text) for one in kept))
    given = request.GET.get("before", "")
    found = list_notices(user_id, int(given) if given.isdecimal() and len(given) < 19 else None)
    has_unread = any(not one.is_read for one in found)
    context: dict[str, Any] = {
        "rows": [{"it": one, "address": _address(one)} for one in found],
        "older": found[-1].id if len(found) == PAGE else None,
        "read_form": ReadForm(initial={"up_to": found[0].id}) if has_unread else None,
        "standing": channel_standing_of(user_id),
        "sms_form": ChannelForm(initial={"channel": "sms"}),
        "mail_form": ChannelForm(initial={"channel": "mail"}),
    }
    return render(request, "borrower/home/notices.html", context)


@require_POST
@login_required
def read(request: HttpRequest) -> HttpResponse:
    """Mark as read what was on the page."""
    form = ReadForm(request.POST)
    if form.is_valid():
        command = ReadNotices(up_to=form.cleaned_data["up_to"])
        form.attempt(lambda: read_notices(command, form.call(request)))
    return redirect("notices")


@require_POST
@login_required
def channels(request: HttpRequest) -> HttpResponse:
    """Take the choice of a channel; mails are written in the language the page is in."""
    form = ChannelForm(request.POST)
    if form.is_valid():
        command = _choice(form.cleaned_data["channel"], is_wanted=form.cleaned_data["is_wanted"])
        call = call_of(request, str(form.cleaned_data["key"]))
        if form.attempt(lambda: choose_channels(command, call)) is not None:
            messages.success(request, _said(command))
            return redirect("notices")
    messages.error(request, first_error(form))
    return redirect("notices")


def _choice(channel: str, *, is_wanted: bool) -> ChooseChannels:
    if channel == "sms":
        return ChooseChannels(by_sms=is_wanted)
    return ChooseChannels(by_mail=is_wanted, language=get_language())


def _said(chosen: ChooseChannels) -> str:
    if chosen.by_sms is not None:
        on, off = _("以后重要消息也会发短信给您。"), _("以后不再发短信提醒，站内消息照常。")
        return on if chosen.by_sms else off
    on, off = _("以后重要消息也会发邮件给您。"), _("以后不再发邮件提醒，站内消息照常。")
    return on if chosen.by_mail else off


def _address(one: NoticeView) -> str:
    if one.loan_id:
        return reverse("loan", args=[one.loan_id])
    if one.limit_id:
        return reverse("limit", args=[one.limit_id])
    if one.application_id:
        return reverse("application", args=[one.application_id])
    if one.kind.startswith("pledge"):
        return f"{reverse('pledges')}?party={one.party_id}"
    return reverse("notices")
