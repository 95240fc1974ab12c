"""The sources of facts over signed requests: one question, one answer that is surely theirs.

Request, in x-timestamp, x-nonce, x-signature: hex HMAC-SHA256 over
"{timestamp}\\n{nonce}\\n{method}\\n{path}\\n" and the body. Answer, in x-timestamp, x-signature:
over "{timestamp}\\n{nonce of the request}\\n{status}\\n" and the body. An answer that is not signed
for this request, has another form or is of another inquiry is none.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import httpx
from django.conf import settings

from rongqiao.platform.clock import MachineClock
from rongqiao.policies.credit.answers import BadAnswer, Plain, read_facts
from rongqiao.policies.credit.sources import Source

LARGEST_ANSWER = 64 * 1024
CLOCK_SKEW_SECONDS = 300
_TICKET = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class Unanswered(Exception):
    """The source gave no answer that counts; `fault` says why in a short code."""

    def __init__(self, fault: str, *, is_late: bool = False) -> None:
        super().__init__(fault)
        self.fault, self.is_late = fault, is_late


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a source said: `facts`, None where it has no record; or a `ticket` to ask again with."""

    facts: dict[str, Plain] | None
    ticket: str = ""


class Registries(Protocol):
    """Whoever answers about people and firms. Each call may raise Unanswered."""

    def ask(self, source: Source, reference: str, elements: dict[str, str], on: date) -> Answer:
        """Ask one question; the same `reference` is one inquiry however often it is asked."""

    def fetch(self, source: Source, reference: str, ticket: str, on: date) -> Answer:
        """Ask for the answer to a ticket; one that is not ready comes back as the ticket."""


@dataclass(frozen=True)
class HttpRegistries:
    """The sources over HTTP; `patience` stretches or shortens every source's timeout."""

    address: str
    secret: str
    patience: float = 1.0

    def ask(self, source: Source, reference: str, elements: dict[str, str], on: date) -> Answer:
        """Ask one question; see Registries.ask."""
        wanted = {"reference": reference, "elements": elements}
        content = json.dumps(wanted, ensure_ascii=False).encode()
        found = self._call(source, "POST", f"/v1/{source.code}", content)
        return _read(source, reference, found, on)

    def fetch(self, source: Source, reference: str, ticket: str, on: date) -> Answer:
        """Ask for the answer to a ticket; see Registries.fetch."""
        found = self._call(source, "GET", f"/v1/tickets/{ticket}", b"")
        return _read(source, reference, found, on)

    def _call(self, source: Source, method: str, path: str, content: bytes) -> dict[str, Any]:
        timestamp, nonce = str(int(_machine_now().timestamp())), secrets.token_hex(16)
        head = f"{timestamp}\n{nonce}\n{method}\n{path}\n"
        headers = {
            "content-type": "application/json",
            "x-timestamp": timestamp,
            "x-nonce": nonce,
            "x-signature": self._sign(head, content),
        }
        timeout = source.timeout_seconds * self.patience
        try:
            answer = _client().request(
                method, self.address + path, content=content, headers=headers, timeout=timeout
            )
        except httpx.TimeoutException:
            raise Unanswered("timeout", is_late=True) from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unanswered(type(error).__name__[:40]) from None
        if answer.status_code not in (200, 202):
            raise Unanswered(str(answer.status_code))
        self._check(answer, nonce)
        return _object(answer.content)

    def _check(self, answer: httpx.Response, nonce: str) -> None:
        """Let an answer pass that was signed, just now, for this very request."""
        timestamp = answer.headers.get("x-timestamp", "")
        expected = self._sign(f"{timestamp}\n{nonce}\n{answer.status_code}\n", answer.content)
        given = answer.headers.get("x-signature", "")
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise Unanswered("signature")
        is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
        if not is_number or abs(_machine_now().timestamp() - int(timestamp)) > CLOCK_SKEW_SECONDS:
            raise Unanswered("stale")

    def _sign(self, head: str, content: bytes) -> str:
        return hmac.new(self.secret.encode(), head.encode() + content, hashlib.sha256).hexdigest()


def registries() -> Registries:
    """Return the sources the installation names."""
    return HttpRegistries(
        settings.REGISTRIES_URL, settings.REGISTRIES_SECRET, settings.REGISTRIES_PATIENCE
    )


@functools.cache
def _client() -> httpx.Client:
    client = httpx.Client(follow_redirects=False)
    # Its connections stay open between requests; none is left to the collector of garbage.
    atexit.register(client.close)
    return client


def _machine_now() -> datetime:
    """Return the machine's time: freshness is a matter of it, also in a simulated life."""
    return MachineClock().now()


def _object(content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST_ANSWER:
        raise Unanswered("too-large")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise Unanswered("malformed") from None
    if not isinstance(found, dict):
        raise Unanswered("malformed")
    return found


def _read(source: Source, reference: str, found: dict[str, Any], on: date) -> Answer:
    if found.get("reference") != reference:
        raise Unanswered("reference")
    if "ticket" in found:
        ticket = found["ticket"]
        if not source.wait_hours or not isinstance(ticket, str) or not _TICKET.fullmatch(ticket):
            raise Unanswered("malformed")
        return Answer(facts=None, ticket=ticket)
    outcome, facts = found.get("outcome"), found.get("facts")
    if outcome == "no-record":
        return Answer(facts=None)
    if outcome != "answered" or not isinstance(facts, dict):
        raise Unanswered("malformed")
    try:
        return Answer(facts=read_facts(source, facts, on))
    except BadAnswer as error:
        raise Unanswered(f"malformed:{error.fact}"[:60]) from None
