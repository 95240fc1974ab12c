"""What happens when somebody tries too often."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from rongqiao.platform.crypto import keyed_digest
from rongqiao.policies.identifiers import BadIdentifier, mobile_phone

RETRY_AFTER_SECONDS = 60


def login_digest(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return what failed log-ins are counted by: a keyed digest of the name that was typed."""
    given = credentials or {}
    typed = request.POST.get("login") or next(
        (str(given[name]) for name in ("phone", "email", "username") if given.get(name)), ""
    )
    return keyed_digest("login", one_form(typed)).hex()


def one_form(login: str) -> str:
    """Return one form of a log-in name, so that no spelling of it gets tries of its own."""
    try:
        return mobile_phone(login)
    except BadIdentifier:
        return login.strip().casefold()


def locked_out(request: HttpRequest, *_args: Any, **_options: Any) -> HttpResponse:
    """Answer five wrong passwords: wait, or come in by a code."""
    minutes = int(settings.AXES_COOLOFF_TIME * 60)
    return _answer(request, {"minutes": minutes, "is_login": True}, minutes * 60)


def closed_to_passwords(request: HttpRequest) -> HttpResponse:
    """Answer five tries of the old password within a quarter of an hour: wait, or use a code."""
    minutes = int(settings.AXES_COOLOFF_TIME * 60)
    return _answer(request, {"minutes": minutes, "is_password": True}, minutes * 60)


def too_many(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer any other limit: wait a little."""
    del exception
    return _answer(request, {"minutes": 1}, RETRY_AFTER_SECONDS)


def _answer(request: HttpRequest, content: dict[str, Any], seconds: int) -> HttpResponse:
    answer = render(request, "account/parts/too_many.html", content, status=429)
    answer["Retry-After"] = str(seconds)
    return answer
