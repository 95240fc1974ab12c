"""What a request may say: strict JSON, amounts of two decimals, and who may have sent it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import sqlite3
import unicodedata
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

CLOCK_SKEW_SECONDS = 300
LARGEST_BODY = 2 * 1024 * 1024
LARGEST_BATCH = 1000
CURRENCY = "CNY"
NUMBER = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
CARD_NUMBER = re.compile(r"\d{8,32}", re.ASCII)
AMOUNT = re.compile(r"(?:0|[1-9]\d{0,12})\.\d{2}", re.ASCII)
# Money of a customer needs the customer's account; these kinds also need a card of it.
KINDS_IN = frozenset({"top_up", "direct_debit", "transfer_in"})
KINDS_OUT = frozenset({"withdrawal", "transfer_out", "refund"})
KINDS_WITH_CARD = frozenset({"top_up", "withdrawal", "direct_debit"})


class Refused(Exception):
    """The request is not done; `code` says why, `status` how."""

    def __init__(
        self, code: str, message: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True, kw_only=True)
class OrderWanted:
    """An order as it was asked for, well-formed; `amount_minor` in fen."""

    order_no: str
    kind: str
    account_no: str
    card_token: str
    amount_minor: int
    memo: str
    original_serial: str

    @property
    def digest(self) -> str:
        """Return what tells two bodies of one order number apart."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def read_object(content: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; raises Refused (`json`)."""
    try:
        found = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Refused("json", "the body is no JSON object", HTTPStatus.BAD_REQUEST)
    return found


def read_text(found: dict[str, Any], name: str, longest: int = 200) -> str:
    """Return a text field, trimmed in NFKC form, "" where absent; raises Refused (`field`)."""
    value = found.get(name, "")
    if isinstance(value, str) and len(value) <= longest:
        text = unicodedata.normalize("NFKC", value).strip()
        if text.isprintable():
            return text
    raise Refused("field", f"{name} is no text of at most {longest} characters")


def read_number(found: dict[str, Any], name: str, form: re.Pattern[str] = NUMBER) -> str:
    """Return a field of the form given; raises Refused (`field`)."""
    value = found.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise Refused("field", f"{name} has not the form {form.pattern}")
    return value


def read_amount(found: dict[str, Any], name: str) -> int:
    """Return decimal text with exactly two decimals in fen; raises Refused (`amount`)."""
    value = found.get(name)
    if not isinstance(value, str) or not AMOUNT.fullmatch(value):
        raise Refused("amount", f"{name} is no decimal text with two decimals")
    return int(value.replace(".", ""))


def read_order(found: dict[str, Any]) -> OrderWanted:
    """Return a well-formed order; raises Refused (`field`, `kind`, `amount`, `currency`)."""
    kind = read_text(found, "kind")
    if kind not in KINDS_IN | KINDS_OUT:
        raise Refused("kind", "no such kind of order")
    if found.get("currency") != CURRENCY:
        raise Refused("currency", f"only {CURRENCY} is kept here")
    amount_minor = read_amount(found, "amount")
    if amount_minor == 0:
        raise Refused("amount", "an order moves something")
    return OrderWanted(
        order_no=read_number(found, "order_no"),
        kind=kind,
        account_no=read_text(found, "account_no", 64),
        card_token=read_text(found, "card_token", 64),
        amount_minor=amount_minor,
        memo=read_text(found, "memo"),
        original_serial=read_text(found, "original_serial", 64),
    )


def amount_text(minor: int) -> str:
    """Return fen as decimal text: `-5` is `"-0.05"`."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


@dataclass(frozen=True)
class Signed:
    """What of a request its signature covers, and the signature."""

    method: str
    path: str
    timestamp: str
    nonce: str
    signature: str
    content: bytes


def check_signature(
    db: sqlite3.Connection, secret: str, asked: Signed, now: float, skew: float
) -> None:
    """Let a fresh request, signed with `secret` and never seen, pass; `now` is Unix time.

    Fresh is what was signed no more than `skew` seconds before `now` or after it.
    Raises Refused with 401: `stale`, `signature`, `replayed`. Nonces are kept for as long as the
    timestamp they came with would pass.
    """
    is_number = asked.timestamp.isascii() and asked.timestamp.isdecimal()
    if not is_number or len(asked.timestamp) > 12:
        raise Refused("stale", "x-timestamp is needed", HTTPStatus.UNAUTHORIZED)
    if abs(now - int(asked.timestamp)) > skew:
        raise Refused("stale", "x-timestamp is too old or ahead", HTTPStatus.UNAUTHORIZED)
    head = f"{asked.timestamp}\n{asked.nonce}\n{asked.method}\n{asked.path}\n".encode()
    expected = hmac.new(secret.encode(), head + asked.content, hashlib.sha256).hexdigest()
    is_signed = hmac.compare_digest(expected.encode(), asked.signature.encode())
    if not NUMBER.fullmatch(asked.nonce) or not is_signed:
        raise Refused("signature", "x-signature does not fit", HTTPStatus.UNAUTHORIZED)
    db.execute("DELETE FROM nonce WHERE kept_until < ?", [now])
    added = db.execute(
        "INSERT INTO nonce VALUES (?, ?) ON CONFLICT DO NOTHING",
        [asked.nonce, now + 2 * skew],
    ).rowcount
    if not added:
        raise Refused("replayed", "this request was here before", HTTPStatus.UNAUTHORIZED)
