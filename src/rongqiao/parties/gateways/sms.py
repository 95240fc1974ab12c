"""The SMS gateway: signed requests, one message once however often it is sent."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import httpx

from rongqiao.platform.clock import MachineClock

TIMEOUT_SECONDS = 5.0


class Unreachable(Exception):
    """The gateway gave no answer, or one that may change: to be tried again."""


class Rejected(Exception):
    """The gateway will not take this message; its reason's code."""


class SmsGateway(Protocol):
    """Whoever brings text messages to phones."""

    def send(self, message_id: UUID, phone: str, text: str) -> str:
        """Hand a message over and return the gateway's number of it.

        The same `message_id` again is the same message. Raises Unreachable, Rejected.
        """


@dataclass(frozen=True)
class HttpSmsGateway:
    """The gateway over HTTP. Signature: HMAC-SHA256 over timestamp, path and body."""

    address: str
    secret: str

    def send(self, message_id: UUID, phone: str, text: str) -> str:
        """Hand a message over; see SmsGateway.send."""
        path = "/v1/messages"
        content = json.dumps(
            {"id": str(message_id), "phone": phone, "text": text}, ensure_ascii=False
        ).encode()
        timestamp = str(int(MachineClock().now().timestamp()))
        headers = {
            "content-type": "application/json",
            "x-timestamp": timestamp,
            "x-signature": signature(self.secret, timestamp, path, content),
        }
        try:
            answer = httpx.post(
                self.address + path, content=content, headers=headers, timeout=TIMEOUT_SECONDS
            )
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from None
        if answer.status_code >= 500 or answer.status_code == 429:
            raise Unreachable(str(answer.status_code))
        if answer.status_code != 202:
            raise Rejected(str(answer.status_code))
        return str(answer.json()["number"])


def signature(secret: str, timestamp: str, path: str, content: bytes) -> str:
    """Return the hex HMAC-SHA256 both sides compute; a body moved elsewhere does not fit."""
    message = f"{timestamp}\n{path}\n".encode() + content
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
