"""The engine room: business date, parked events, failed jobs, the audit chain's length."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongqiao.platform import audit, clock, jobs, relay
from rongqiao.policies.roles import Role
from rongqiao.web.frame.access import staff
from rongqiao.web.frame.forms import KeyedForm

KEEPERS = (Role.OPERATOR, Role.ADMINISTRATOR)


@staff(*KEEPERS)
def engine_room(request: HttpRequest) -> HttpResponse:
    """Show what the machine has in hand and what it could not do."""
    length, head = audit.head()
    context = {
        "desk": True,
        "business_date": clock.business_date(),
        "calendar_date": clock.calendar_date(),
        "parked": [{"one": one, "form": KeyedForm()} for one in relay.parked()],
        "failed": jobs.failed(),
        "waiting": jobs.waiting(),
        "undelivered": relay.undelivered(),
        "length": length,
        "head": head,
    }
    return render(request, "backoffice/engine.html", context)


@staff(*KEEPERS)
@require_POST
def unpark(request: HttpRequest, event_id: int) -> HttpResponse:
    """Give a parked event back to the relay, after its cause was mended."""
    form = KeyedForm(request.POST)
    if not form.is_valid():
        raise Http404
    done = relay.unpark(relay.Unpark(event_id=event_id), form.call(request))
    messages.success(request, _("已重新投递。") if done.was_parked else _("这个事件没有搁置。"))
    return redirect("engine-room")
