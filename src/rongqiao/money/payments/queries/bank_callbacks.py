"""What the bank tells us by itself: nothing is believed before signature, freshness and form fit.

The bank signs with a secret of its own: hex HMAC-SHA256 over "{timestamp}\\n{path}\\n" and body,
so that neither another body nor another address fits. Pure: no table is read here.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rongqiao.finance.money import MINOR_DIGITS, Money

FRESH_SECONDS = 300
LARGEST_BODY = 4096
LONGEST_REASON = 200
TOLD_STATES = frozenset({"succeeded", "failed", "returned"})
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_AMOUNT = re.compile(r"(?:0|[1-9]\d{0,12})\.\d{2}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class BadCallback(Exception):
    """The call is not believed. Reasons: `size`, `stale`, `signature`, `json`, `field:<name>`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class CallbackTold:
    """A well-formed, fresh statement of the bank about one order; not yet compared with ours."""

    event_id: str
    order_no: str
    state: str
    # As received, and the same in minor units.
    amount: str
    amount_minor: int
    currency: str
    bank_serial: str
    reason: str
    # The bank's China date on which the order succeeded or failed.
    settled_on: date
    # Of a returned order: the date of the return, and the serial its statement line bears.
    returned_on: date | None
    return_serial: str
    occurred_at: datetime


def verify_callback(
    *, secret: str, timestamp: str, signature: str, path: str, body: bytes, now: datetime
) -> CallbackTold:
    """Return what the bank told at `path`; raises BadCallback with the reason.

    `timestamp` and `signature` are the headers `x-timestamp` (Unix seconds) and `x-signature`.
    """
    if len(body) > LARGEST_BODY:
        raise BadCallback("size")
    # The length bounds the number before it is made one.
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise BadCallback("stale")
    if abs(now.timestamp() - int(timestamp)) > FRESH_SECONDS:
        raise BadCallback("stale")
    message = f"{timestamp}\n{path}\n".encode() + body
    expected = hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise BadCallback("signature")
    return _told(_fields(body))


def _told(fields: dict[str, Any]) -> CallbackTold:
    state = _text(fields, "state", _NUMBER)
    if state not in TOLD_STATES:
        raise BadCallback("field:state")
    amount = _text(fields, "amount", _AMOUNT)
    minor = Money.yuan(amount).minor
    if minor == 0:
        raise BadCallback("field:amount")
    currency = _text(fields, "currency", _NUMBER)
    if currency not in MINOR_DIGITS:
        raise BadCallback("field:currency")
    is_returned = state == "returned"
    return CallbackTold(
        event_id=_text(fields, "event_id", _NUMBER),
        order_no=_text(fields, "order_no", _NUMBER),
        state=state,
        amount=amount,
        amount_minor=minor,
        currency=currency,
        bank_serial=_text(fields, "bank_serial", _NUMBER),
        reason=_reason(fields),
        settled_on=_day(fields, "settled_on"),
        returned_on=_day(fields, "returned_on") if is_returned else None,
        return_serial=_text(fields, "return_serial", _NUMBER) if is_returned else "",
        occurred_at=_instant(fields, "occurred_at"),
    )


def _fields(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise BadCallback("json") from None
    if not isinstance(found, dict):
        raise BadCallback("json")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; a name given twice could be read in two ways, so it is refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadCallback("json")
    return found


def _text(fields: dict[str, Any], name: str, form: re.Pattern[str]) -> str:
    found = fields.get(name)
    if not isinstance(found, str) or not form.fullmatch(found):
        raise BadCallback(f"field:{name}")
    return found


def _reason(fields: dict[str, Any]) -> str:
    found = fields.get("reason")
    # Half a surrogate pair and NUL are no text the database takes; neither is printable.
    if not isinstance(found, str) or len(found) > LONGEST_REASON or not found.isprintable():
        raise BadCallback("field:reason")
    return found


def _day(fields: dict[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_text(fields, name, _DATE))
    except ValueError:
        raise BadCallback(f"field:{name}") from None


def _instant(fields: dict[str, Any], name: str) -> datetime:
    found = fields.get(name)
    try:
        instant = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise BadCallback(f"field:{name}")
    return instant
