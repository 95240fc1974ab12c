"""Which browser this is: a cookie with a random number, beside what the request says of itself.

No script looks at the browser. The number is told from others by its digest alone; it is set where
people log in and do business, never on public pages, and the privacy text says so.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from rongqiao.platform.operations import Call
from rongqiao.risk.operations.fraud.sight import Sight, sight
from rongqiao.risk.queries.watching.marks import Mark, phone_marks, visit_marks

ROOMS = ("/account/", "/my/")
# The longest that browsers keep a cookie (RFC 6265bis, 5.6.2).
KEPT_SECONDS = 400 * 24 * 60 * 60
# What a browser says of itself unasked.
SAID = ("User-Agent", "Accept-Language", "Sec-CH-UA-Platform", "Sec-CH-UA-Mobile")
LONGEST_SAID = 300
_NUMBER = re.compile(r"[0-9a-f]{32}", re.ASCII)
_KEPT = "RQ_DEVICE"


class DeviceMiddleware:
    """Gives a browser its number where people log in and do business."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on with its browser's number; a new one goes along with the answer."""
        if not request.path.startswith(ROOMS):
            return self._get_response(request)
        given = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        is_known = _NUMBER.fullmatch(given) is not None
        request.META[_KEPT] = given if is_known else secrets.token_hex(16)
        response = self._get_response(request)
        if not is_known:
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                request.META[_KEPT],
                max_age=KEPT_SECONDS,
                path="/",
                secure=settings.TLS,
                httponly=True,
                samesite="Lax",
            )
        return response


# What a browser calls itself, the more particular first: Edge and WeChat say Chrome too.
_BROWSERS = (
    ("MicroMessenger", gettext_lazy("微信")),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Macintosh", "Linux")


def browser_name(said: str) -> str:
    """Return `Chrome · Windows` of a User-Agent; one that says neither is shown as it is."""
    browser = next((str(name) for mark, name in _BROWSERS if mark in said), "")
    system = next((name for name in _SYSTEMS if name in said), "")
    return " · ".join(one for one in (browser, system.replace("Macintosh", "Mac")) if one) or said


def marks_of(request: HttpRequest) -> tuple[Mark, ...]:
    """Return what this request tells of its browser and network."""
    said = "|".join(request.headers.get(name, "")[:LONGEST_SAID] for name in SAID)
    return visit_marks(
        str(request.META.get(_KEPT, "")),
        said if said.strip("|") else "",
        str(request.META.get("REMOTE_ADDR", "")),
    )


def note_log_in(request: HttpRequest, user_id: UUID, call: Call) -> None:
    """Note that a user came in."""
    sight(Sight(subject_id=user_id, deed="logged-in", marks=marks_of(request)), call)


def note_registration(request: HttpRequest, user_id: UUID, phone: str, call: Call) -> None:
    """Note that a user is new, with the phone number they proved, if any."""
    marks = marks_of(request) + (phone_marks(phone) if phone else ())
    sight(Sight(subject_id=user_id, deed="registered", marks=marks), call)


def note_visit(request: HttpRequest, party_id: UUID, call: Call) -> None:
    """Note with which browser a party does what an operation is about to keep."""
    sight(Sight(subject_id=party_id, deed="visited", marks=marks_of(request)), call)
