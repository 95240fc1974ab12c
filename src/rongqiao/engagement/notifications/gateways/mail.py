"""The mail provider: signed requests, one mail once however often it is handed over."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import httpx

from rongqiao.engagement.notifications.queries import OutgoingMail
from rongqiao.platform.clock import MachineClock

PATH = "/v1/mails"
TIMEOUT_SECONDS = 5.0


class Unreachable(Exception):
    """The provider gave no answer, or one that may change: to be tried again."""


class Rejected(Exception):
    """The provider will not take this mail; its answer's code."""


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What the provider says of a mail: queued, delivered or bounced, for good (`is_hard`)."""

    state: str
    is_hard: bool


class MailGateway(Protocol):
    """Whoever brings mails to their addresses."""

    def send(self, mail: OutgoingMail) -> str:
        """Hand a mail over and return the provider's number of it.

        The same id again is the same mail. Raises Unreachable, Rejected.
        """

    def ask(self, mail_id: UUID) -> Fate | None:
        """Return what became of a mail; None if it was never taken. Raises Unreachable."""


@dataclass(frozen=True)
class HttpMailGateway:
    """The provider over HTTP. Signature: HMAC-SHA256 over timestamp, path and body."""

    address: str
    secret: str

    def send(self, mail: OutgoingMail) -> str:
        """Hand a mail over; see MailGateway.send."""
        document = {
            "id": str(mail.id),
            "to": mail.address,
            "subject": mail.words.subject,
            "text": mail.words.text,
            "html": mail.words.html,
            "unsubscribe": mail.words.unsubscribe,
        }
        answer = self._ask("POST", PATH, json.dumps(document, ensure_ascii=False).encode())
        if answer.status_code != 202:
            raise Rejected(str(answer.status_code))
        return str(answer.json()["number"])

    def ask(self, mail_id: UUID) -> Fate | None:
        """Say what became of a mail; see MailGateway.ask."""
        answer = self._ask("GET", f"{PATH}/{mail_id}", b"")
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise Unreachable(str(answer.status_code))
        told = answer.json()
        return Fate(state=str(told["state"]), is_hard=told.get("kind") == "hard")

    def _ask(self, method: str, path: str, content: bytes) -> httpx.Response:
        timestamp = str(int(MachineClock().now().timestamp()))
        headers = {
            "content-type": "application/json",
            "x-timestamp": timestamp,
            "x-signature": signature(self.secret, timestamp, path, content),
        }
        try:
            answer = httpx.request(
                method,
                self.address + path,
                content=content,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
            )
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unreachable(str(answer.status_code))
        return answer


def signature(secret: str, timestamp: str, path: str, content: bytes) -> str:
    """Return the hex HMAC-SHA256 both sides compute; a body moved elsewhere does not fit."""
    message = f"{timestamp}\n{path}\n".encode() + content
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
