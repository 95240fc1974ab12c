"""Orders: taken once per number, asked for by number, closed before they were ever seen."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from rongqiao_sandboxes.bank.accounts import bound_card
from rongqiao_sandboxes.bank.faults import Faults
from rongqiao_sandboxes.bank.reading import (
    CURRENCY,
    KINDS_WITH_CARD,
    LARGEST_BATCH,
    OrderWanted,
    Refused,
    amount_text,
    read_number,
    read_order,
)
from rongqiao_sandboxes.bank.state import china_day

TRANSFERS = frozenset({"transfer_in", "transfer_out"})


@dataclass(frozen=True)
class Desk:
    """Where orders are taken: the database, the bank's time (ms) and the switches."""

    db: sqlite3.Connection
    now: int
    faults: Faults


@dataclass(frozen=True)
class Taken:
    """What became of a request: the order's row, and whether this request brought it."""

    row: sqlite3.Row
    is_new: bool

    def answer(self) -> dict[str, Any]:
        """Return the body of the 202; raises Refused if the bank said no, the first time or now."""
        if self.row["state"] == "refused":
            raise Refused(self.row["reason"], "the order was refused")
        return {
            "order_no": self.row["order_no"],
            "bank_serial": self.row["bank_serial"],
            "state": "accepted",
        }


def take_order(desk: Desk, wanted: OrderWanted) -> Taken:
    """Take an order, once. The same number and body again change nothing.

    Raises Refused: `closed` for a number closed before, `conflict` (409) for another body. A no
    for any other reason is remembered with the number, so that the answer never changes.
    """
    row = find_row(desk.db, wanted.order_no)
    if row is None:
        return Taken(_take(desk, wanted), is_new=True)
    if row["digest"] == "":
        raise Refused("closed", "this number was closed")
    if row["digest"] != wanted.digest:
        raise Refused("conflict", "the number is another order's", HTTPStatus.CONFLICT)
    return Taken(row, is_new=False)


def take_batch(desk: Desk, found: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Take orders together, each for itself; return the answer and whether the batch is new.

    Raises Refused: `batch` for none, too many or two of one number, `conflict` (409) for another
    content under the same batch number.
    """
    batch_no, items = read_number(found, "batch_no"), found.get("items")
    if not isinstance(items, list) or not 0 < len(items) <= LARGEST_BATCH:
        raise Refused("batch", f"a batch has 1 to {LARGEST_BATCH} items")
    if not all(isinstance(item, dict) for item in items):
        raise Refused("batch", "an item is an object")
    numbers = [read_number(item, "order_no") for item in items]
    if len(set(numbers)) < len(numbers):
        raise Refused("batch", "a number comes twice")
    digest = hashlib.sha256(json.dumps(items, sort_keys=True).encode()).hexdigest()
    known = desk.db.execute("SELECT * FROM batch WHERE no = ?", [batch_no]).fetchone()
    if known is None:
        answer = {"batch_no": batch_no, "items": [_take_item(desk, item) for item in items]}
        desk.db.execute(
            "INSERT INTO batch VALUES (?, ?, ?)", [batch_no, digest, json.dumps(answer)]
        )
        return answer, True
    if known["digest"] != digest:
        raise Refused("conflict", "the number is another batch's", HTTPStatus.CONFLICT)
    return json.loads(known["answer"]), False


def close_order(desk: Desk, order_no: str) -> dict[str, Any]:
    """Have an unseen number refused from now on; return the order's state, whatever it is."""
    if find_row(desk.db, order_no) is None:
        desk.db.execute(
            "INSERT INTO payment_order (order_no, digest, kind, account_no, card_no, amount_minor,"
            " memo, original_serial, bank_serial, state, reason, taken_at, due_at)"
            " VALUES (?, '', '', '', '', 0, '', '', ?, 'closed', 'closed', ?, ?)",
            [order_no, serial_of("order", order_no), desk.now, desk.now],
        )
    row = find_row(desk.db, order_no)
    assert row is not None
    return order_answer(row)


def find_row(db: sqlite3.Connection, order_no: str) -> sqlite3.Row | None:
    """Return the order's row."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM payment_order WHERE order_no = ?", [order_no]
    ).fetchone()
    return row


def order_answer(row: sqlite3.Row) -> dict[str, Any]:
    """Return what the bank tells of an order. One refused at the door has failed."""
    return {
        "order_no": row["order_no"],
        "kind": row["kind"],
        "state": "failed" if row["state"] == "refused" else row["state"],
        "amount": amount_text(row["amount_minor"]) if row["amount_minor"] else "",
        "currency": CURRENCY,
        "bank_serial": row["bank_serial"],
        "reason": row["reason"],
        "settled_on": row["settled_on"],
        "returned_on": row["returned_on"],
        "return_serial": row["return_serial"],
    }


def serial_of(*parts: str) -> str:
    """Return the bank's serial for something: follows from it, the same at every run."""
    digest = hashlib.sha256("\n".join(parts).encode()).digest()
    return f"B{int.from_bytes(digest[:8], 'big') % 10**18:018d}"


def _take(desk: Desk, wanted: OrderWanted) -> sqlite3.Row:
    card_no = bound_card(desk.db, wanted.account_no, wanted.card_token) or ""
    objection = _objection(desk.db, wanted, card_no)
    desk.db.execute(
        "INSERT INTO payment_order (order_no, digest, kind, account_no, card_no, amount_minor,"
        " memo, original_serial, bank_serial, state, reason, taken_at, due_at, settled_on)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            wanted.order_no,
            wanted.digest,
            wanted.kind,
            wanted.account_no,
            card_no,
            wanted.amount_minor,
            wanted.memo,
            wanted.original_serial,
            serial_of("order", wanted.order_no),
            "refused" if objection else "processing",
            objection,
            desk.now,
            desk.now + desk.faults.settle_after_ms,
            china_day(desk.now).isoformat() if objection else "",
        ],
    )
    row = find_row(desk.db, wanted.order_no)
    assert row is not None
    return row


def _objection(db: sqlite3.Connection, wanted: OrderWanted, card_no: str) -> str:
    """Return the code of what speaks against an order from the start, or ""."""
    if wanted.kind in TRANSFERS:
        return "not-the-operators" if wanted.account_no or wanted.card_token else ""
    if wanted.account_no and not _has_account(db, wanted.account_no):
        return "unknown-account"
    if not card_no and (wanted.card_token or wanted.kind in KINDS_WITH_CARD):
        return "unknown-card"
    if wanted.kind == "refund":
        return _refund_objection(db, wanted)
    return ""


def _has_account(db: sqlite3.Connection, account_no: str) -> bool:
    return bool(db.execute("SELECT 1 FROM account WHERE no = ?", [account_no]).fetchone())


def _refund_objection(db: sqlite3.Connection, wanted: OrderWanted) -> str:
    """A refund goes to a card, or back to the sender of a credit, never more than came."""
    if not wanted.original_serial:
        return "" if wanted.card_token else "unknown-card"
    credit = db.execute(
        "SELECT amount_minor FROM entry WHERE serial = ? AND direction = 'in'",
        [wanted.original_serial],
    ).fetchone()
    if credit is None:
        return "unknown-credit"
    back = db.execute(
        "SELECT coalesce(sum(amount_minor), 0) FROM payment_order WHERE original_serial = ?"
        " AND state IN ('processing', 'succeeded')",
        [wanted.original_serial],
    ).fetchone()[0]
    return "more-than-came" if back + wanted.amount_minor > credit["amount_minor"] else ""


def _take_item(desk: Desk, item: dict[str, Any]) -> dict[str, Any]:
    number = str(item["order_no"])
    try:
        answer = take_order(desk, read_order(item)).answer()
    except Refused as refused:
        return {
            "order_no": number,
            "bank_serial": "",
            "state": "refused",
            "code": refused.code,
        }
    return {**answer, "code": ""}
