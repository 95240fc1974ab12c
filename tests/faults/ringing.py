"""The bank's hook as the outside sees it: raw bodies and headers, signed by whoever."""

import hashlib
import hmac
import json

from django.test import RequestFactory

from rongqiao.web.api.hooks import bank_called

PATH = "/hooks/bank"
SECRET = "the bank's own secret"


def body_of(command, at, **changes):
    """Return the bytes the bank would send for a callback command."""
    told = {
        name: value if value is None or isinstance(value, str) else value.isoformat()
        for name, value in vars(command).items()
    }
    return json.dumps({**told, "occurred_at": at.isoformat(), **changes}).encode()


def signature(body, timestamp, secret=SECRET, path=PATH):
    """Return the bank's signature over a body."""
    message = f"{timestamp}\n{path}\n".encode() + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def ring(body, at, secret=SECRET, **headers):
    """Call the hook; return status and content."""
    timestamp = str(int(at.timestamp()))
    given = {
        "x-timestamp": timestamp,
        "x-signature": signature(body, timestamp, secret),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    request = RequestFactory().post(
        PATH,
        body,
        content_type="application/json",
        headers={name: value for name, value in given.items() if value is not None},
    )
    answer = bank_called(request)
    return answer.status_code, answer.content
