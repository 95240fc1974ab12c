"""Customers' accounts, and cards with the same-name check."""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from http import HTTPStatus
from typing import Any

from rongqiao_sandboxes.bank.reading import (
    CARD_NUMBER,
    Refused,
    read_amount,
    read_number,
    read_text,
)

# A card never heard of has this much on it: 1,000,000.00.
UNKNOWN_CARD_MINOR = 100_000_000


def open_account(db: sqlite3.Connection, found: dict[str, Any]) -> dict[str, Any]:
    """Open an account, once per customer number; raises Refused (409 for another name)."""
    customer_no = read_number(found, "customer_no")
    name, kind = read_text(found, "name"), read_text(found, "kind")
    if not name or not kind:
        raise Refused("field", "name and kind are needed")
    number = "6001" + _digits(customer_no, 12)
    db.execute(
        "INSERT INTO account VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [number, customer_no, name, kind],
    )
    row = db.execute("SELECT * FROM account WHERE customer_no = ?", [customer_no]).fetchone()
    if row is None:
        raise Refused("busy", "the number is taken, try again", HTTPStatus.SERVICE_UNAVAILABLE)
    if (row["name"], row["kind"]) != (name, kind):
        raise Refused("conflict", "the customer is known otherwise", HTTPStatus.CONFLICT)
    return {"account_no": row["no"]}


def bind_card(
    db: sqlite3.Connection, account_no: str, found: dict[str, Any], secret: str
) -> dict[str, Any]:
    """Bind a card whose holder, the account's name and the name given are one and the same.

    A card never heard of belongs to whoever the account belongs to. Names are compared exactly
    after NFKC and trimming: a homophone or another script is another name. Raises Refused:
    `unknown-account`, `name-mismatch`, `card-closed`, `field`.
    """
    card_no = read_number(found, "card_no", CARD_NUMBER)
    holder_name = read_text(found, "holder_name")
    account = db.execute("SELECT * FROM account WHERE no = ?", [account_no]).fetchone()
    if account is None:
        raise Refused("unknown-account", "no such account")
    card = db.execute("SELECT * FROM card WHERE no = ?", [card_no]).fetchone()
    holder = card["holder"] if card else account["name"]
    if not holder_name == holder == account["name"]:
        raise Refused("name-mismatch", "the card's holder has another name")
    if card and card["is_closed"]:
        raise Refused("card-closed", "the card is closed")
    if card is None:
        db.execute("INSERT INTO card VALUES (?, ?, ?, 0)", [card_no, holder, UNKNOWN_CARD_MINOR])
    # Keyed, so that nobody finds the card's number by trying numbers.
    named = hmac.new(secret.encode(), f"{account_no}\n{card_no}".encode(), hashlib.sha256)
    token = f"T{named.hexdigest()[:32]}"
    db.execute(
        "INSERT INTO binding VALUES (?, ?, ?) ON CONFLICT DO NOTHING", [token, account_no, card_no]
    )
    return {"card_token": token, "last4": card_no[-4:]}


def register_card(db: sqlite3.Connection, found: dict[str, Any]) -> dict[str, Any]:
    """Put a card as told: holder, balance, closed or not; raises Refused (`field`, `amount`)."""
    card_no = read_number(found, "card_no", CARD_NUMBER)
    known = db.execute("SELECT * FROM card WHERE no = ?", [card_no]).fetchone()
    holder = read_text(found, "holder_name") or (known["holder"] if known else "")
    if not holder:
        raise Refused("field", "holder_name is needed")
    balance = known["balance_minor"] if known else UNKNOWN_CARD_MINOR
    if found.get("balance", "") != "":
        balance = read_amount(found, "balance")
    is_closed = found.get("is_closed", bool(known and known["is_closed"]))
    if not isinstance(is_closed, bool):
        raise Refused("field", "is_closed is true or false")
    db.execute(
        "INSERT INTO card VALUES (:no, :holder, :balance, :closed) ON CONFLICT (no) DO UPDATE"
        " SET holder = :holder, balance_minor = :balance, is_closed = :closed",
        {"no": card_no, "holder": holder, "balance": balance, "closed": int(is_closed)},
    )
    return {"card_no": card_no, "holder_name": holder, "is_closed": is_closed}


def bound_card(db: sqlite3.Connection, account_no: str, token: str) -> str | None:
    """Return the card's number behind a token of this account."""
    row = db.execute(
        "SELECT card_no FROM binding WHERE token = ? AND account_no = ?", [token, account_no]
    ).fetchone()
    return str(row["card_no"]) if row else None


def _digits(text: str, count: int) -> str:
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return f"{number % 10**count:0{count}d}"
