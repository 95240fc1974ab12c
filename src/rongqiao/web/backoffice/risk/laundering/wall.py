"""The wall: to anybody but compliance officers, signed in or not, none of these pages is there.

The answer is the one that an address without a page gets, whatever the method, with or without a
form's token: a suspicion that was reported must not be told (反洗钱法), nor be guessed from how a
page says no.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from rongqiao.parties.queries import is_own_affair
from rongqiao.parties.queries.relations import own_affairs
from rongqiao.platform.refusals import NotFound
from rongqiao.web.backoffice.risk.rooms import LAUNDERING_READERS, risk_room
from rongqiao.web.frame.access import roles_held

V = TypeVar("V", bound=Callable[..., HttpResponse])
PARTS: tuple[tuple[str, Promise], ...] = (
    ("laundering", _("预警")),
    ("laundering-cases", _("案件")),
    ("laundering-freezes", _("冻结")),
    ("laundering-reports", _("报告")),
    ("laundering-ratings", _("客户评级")),
    ("laundering-lists", _("名单")),
    ("laundering-figures", _("概览")),
)


def compliance_only(*methods: str) -> Callable[[V], V]:
    """Open the page to compliance officers, by these methods (GET and HEAD if none is named)."""
    allowed = frozenset(methods or ("GET", "HEAD"))

    def decorate(view: V) -> V:
        protected = csrf_protect(view)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            if not roles_held(request) & LAUNDERING_READERS:
                raise NotFound
            if request.method not in allowed:
                return HttpResponse(status=405, headers={"Allow": ", ".join(sorted(allowed))})
            return protected(request, *args, **options)

        # The token is asked for behind the wall: before it, a 403 would tell a page is there.
        return no_append_slash(csrf_exempt(guarded))  # type: ignore[return-value]

    return decorate


def own_parties(request: HttpRequest) -> frozenset[UUID]:
    """Return the parties that the officer is behind: what is known of them is for others.

    Those `keep_from_own` keeps from them too: a list must not tell what a page does not.
    """
    return own_affairs(UUID(str(request.user.pk)))


def keep_from_own(request: HttpRequest, party_id: UUID) -> None:
    """Raise NotFound where the officer is behind the party, under another log-in too."""
    if is_own_affair(UUID(str(request.user.pk)), party_id):
        raise NotFound


def frame(request: HttpRequest, here: str, **more: Any) -> dict[str, Any]:
    """Return a page's context: the row of rooms, the parts of this one with `here` marked."""
    parts = [
        {"address": reverse(name), "label": label, "is_here": name == here} for name, label in PARTS
    ]
    return risk_room(request, "laundering", parts=parts, **more)


def page_number(request: HttpRequest, name: str = "after") -> int:
    """Return how many rows come before the page; 0 for anything that is no small number."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 0
