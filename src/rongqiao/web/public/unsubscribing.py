"""Whoever holds a mail of ours can end such mails here, without logging in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from rongqiao.engagement.notifications.operations.mails.unsubscribe import (
    Unsubscribe,
    unsubscribe,
)
from rongqiao.engagement.notifications.queries import user_of_token
from rongqiao.platform import clock
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound


# Mail programs post here by themselves (RFC 8058), without a form of ours: the token stands for it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether mails shall end, and end them; nothing is said of whose they are."""
    if request.method != "POST":
        is_known = user_of_token(token) is not None
        return _page(request, "ask" if is_known else "unknown")
    at = clock.now()
    call = Call(
        actor="system:web.unsubscribing", key=str(new_id(at)), at=at, on=clock.business_date()
    )
    try:
        unsubscribe(Unsubscribe(token=token), call)
    except NotFound:
        return _page(request, "unknown")
    return _page(request, "done")


def _page(request: HttpRequest, stands: str) -> HttpResponse:
    status = 404 if stands == "unknown" else 200
    return render(request, "public/unsubscribe.html", {"stands": stands}, status=status)
