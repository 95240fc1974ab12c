"""What every request carries: an id in log, answer and error page; a refusal becomes its page."""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Callable
from contextvars import ContextVar

from django.core.exceptions import PermissionDenied
from django.db import Error, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from typing_extensions import override

from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.web.frame.refusals import STATUS, message_for

BUSY_SECONDS = 5
# Classes of SQLSTATE: connection lost, resources used up, operator's intervention.
TURNED_AWAY = {"08", "53", "57"}
_log = logging.getLogger("rongqiao.web")
_current: ContextVar[str] = ContextVar("request_id", default="-")
_GIVEN = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)


class RequestIdMiddleware:
    """Name each request; log the failed ones under that name; never show what went wrong inside."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the rest of the chain."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on under its id."""
        given = request.headers.get("X-Request-Id", "")
        request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        request.META["RQ_REQUEST_ID"] = request_id
        token = _current.set(request_id)
        try:
            response = self._get_response(request)
        finally:
            _current.reset(token)
        response["X-Request-Id"] = request_id
        if request.path.startswith(("/my/", "/desk/", "/account/")):
            response.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a refusal that no form caught with its sentence and status."""
        if not isinstance(error, Refusal):
            return None
        if error.kind is Kind.NOT_FOUND:
            return not_found(request)
        if error.kind is Kind.FORBIDDEN:
            return forbidden(request)
        return render(
            request,
            "refused.html",
            {"message": message_for(error), "code": error.code},
            status=STATUS[error.kind],
        )


class RequestIdFilter(logging.Filter):
    """Puts the request's id on every log line."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _current.get()
        return True


def request_id(request: HttpRequest) -> str:
    """Return the id of a request."""
    return str(request.META.get("RQ_REQUEST_ID", "-"))


def health(_request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("database unreachable", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400 in the house's own page."""
    del exception
    return render(request, "400.html", {"request_id": request_id(request)}, status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 403 in the house's own page."""
    assert exception is None or isinstance(exception, PermissionDenied)
    return render(request, "403.html", {"request_id": request_id(request)}, status=403)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a missing or foreign form token: what to do is to reload the form."""
    _log.warning("form token refused: %s", reason)
    return render(
        request, "403.html", {"request_id": request_id(request), "is_stale_form": True}, status=403
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404 in the house's own page, the same for what is hidden and what is not there."""
    del exception
    return render(request, "404.html", {"request_id": request_id(request)}, status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 politely, 503 where the database took nobody in; the log has the rest."""
    told = {"request_id": request_id(request)}
    if _is_turned_away(sys.exc_info()[1]):
        response = render(request, "503.html", told, status=503)
        response["Retry-After"] = str(BUSY_SECONDS)
        return response
    return render(request, "500.html", told, status=500)


def _is_turned_away(error: BaseException | None) -> bool:
    """Tell whether the database was out of reach or had no place left; nothing was done then."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state[:2] in TURNED_AWAY
