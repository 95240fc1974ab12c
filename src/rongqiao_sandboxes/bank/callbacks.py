"""What the bank tells by itself: signed callbacks, tried again until they are taken.

Headers x-timestamp and x-signature: hex HMAC-SHA256 with the callback secret over
"{timestamp}\\n{path}\\n" and the body. The faults are built in when a callback is written down.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from rongqiao_sandboxes.bank.orders import Desk
from rongqiao_sandboxes.bank.reading import CURRENCY, amount_text
from rongqiao_sandboxes.bank.state import State, instant_text

RETRY_PAUSES_MS = (500, 2_000, 5_000, 15_000, 60_000, 300_000, 900_000)
ANSWER_SECONDS = 5
LONGEST_WAIT_SECONDS = 1.0
HANDED_OUT_AT_ONCE = 1000
# Pushed callbacks are told one by one; to be out of order they must also be late a little.
REORDERED_BY_MS = 1_500
HELD_BACK, HELD_BACK_MS = 1e9, 366 * 24 * 3600 * 1000


@dataclass(frozen=True)
class Teller:
    """Who the callbacks go to, and the secret they are signed with."""

    address: str
    secret: str

    @property
    def path(self) -> str:
        """Return the path the signature covers."""
        return urlsplit(self.address).path or "/hooks/bank"

    def headers(self, row: sqlite3.Row, now: int) -> dict[str, str]:
        """Return a callback's headers, signed at `now` (ms): rightly, or as a forger would."""
        timestamp = str(now // 1000)
        message = f"{timestamp}\n{self.path}\n{row['body']}".encode()
        key = "not the bank's" if row["is_forged"] else self.secret
        return {
            "content-type": "application/json",
            "x-timestamp": timestamp,
            "x-signature": hmac.new(key.encode(), message, hashlib.sha256).hexdigest(),
        }


def write_callback(desk: Desk, order: sqlite3.Row, *, is_manual: bool) -> None:
    """Write down what is to be told of an order's present state, with the faults that strike."""
    number, state = order["order_no"], order["state"]
    event_id = "E" + hashlib.sha256(f"{number}\n{state}".encode()).hexdigest()[:24]
    told = {
        "event_id": event_id,
        "order_no": number,
        "state": state,
        "amount": amount_text(order["amount_minor"]),
        "currency": CURRENCY,
        "bank_serial": order["bank_serial"],
        "reason": order["reason"],
        "settled_on": order["settled_on"],
        "returned_on": order["returned_on"],
        "return_serial": order["return_serial"],
        "occurred_at": instant_text(desk.now),
    }
    due_at, place, fault = _place(desk, order, is_manual=is_manual)
    is_lost = _strikes(desk, order, "lose_rate")
    wanted = [(due_at, place, 0, "lost" if is_lost else fault)]
    if not is_lost and _strikes(desk, order, "duplicate_rate"):
        wanted.append((due_at, place + 0.25, 0, f"{fault} twice".strip()))
    if _strikes(desk, order, "wrong_signature_rate"):
        wanted.append((desk.now, place - 0.25, 1, "forged"))
    body = json.dumps(told, ensure_ascii=False)
    desk.db.executemany(
        "INSERT INTO callback (event_id, order_no, body, due_at, place, is_forged, fault, is_done,"
        " outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (event_id, number, body, *one, int(one[3] == "lost"), "lost" * (one[3] == "lost"))
            for one in wanted
        ],
    )
    if state == "returned":
        desk.db.execute(
            "UPDATE callback SET due_at = ? WHERE order_no = ? AND place >= ?",
            [desk.now, number, HELD_BACK],
        )


def _place(desk: Desk, order: sqlite3.Row, *, is_manual: bool) -> tuple[int, float, str]:
    """Return when a callback is due, its place among those due then, and the faults in that."""
    last = desk.db.execute("SELECT coalesce(max(id), 0) FROM callback").fetchone()[0]
    due_at, place, fault = desk.now, last + 1.0, ""
    if _strikes(desk, order, "late_rate"):
        due_at, fault = due_at + desk.faults.late_by_ms, "late"
    if not _strikes(desk, order, "reorder_rate"):
        return due_at, place, fault
    fault = f"{fault} reordered".strip()
    if order["state"] == "succeeded" and order["return_due_at"] is not None:
        # The success of a withdrawal that will come back waits until the return was told.
        return order["return_due_at"] + HELD_BACK_MS, place + HELD_BACK, fault
    return due_at + (0 if is_manual else REORDERED_BY_MS), place + 5.5, fault


def _strikes(desk: Desk, order: sqlite3.Row, rate_name: str) -> bool:
    return desk.faults.strike(rate_name, order["order_no"], f":{order['state']}")


def due_callbacks(db: sqlite3.Connection, now: int, limit: int) -> list[sqlite3.Row]:
    """Return the callbacks whose time has come, in the order they are told."""
    return db.execute(
        "SELECT * FROM callback WHERE is_done = 0 AND due_at <= ? ORDER BY due_at, place LIMIT ?",
        [now, limit],
    ).fetchall()


def hand_out(state: State, teller: Teller, *, is_taken: bool) -> list[dict[str, Any]]:
    """Return the due callbacks, signed; those taken count as told."""
    now = state.now()
    with state.transaction() as db:
        rows = due_callbacks(db, now, HANDED_OUT_AT_ONCE)
        if is_taken:
            db.executemany(
                "UPDATE callback SET is_done = 1, tries = tries + 1, outcome = 'taken'"
                " WHERE id = ?",
                [[row["id"]] for row in rows],
            )
    return [
        {"path": teller.path, "headers": teller.headers(row, now), "body": row["body"]}
        for row in rows
    ]


def push_callbacks(state: State, teller: Teller, stop: threading.Event) -> None:
    """Tell what is due, one by one, until stopped: the body of the background thread."""
    while not stop.is_set():
        with state.transaction() as db:
            rows = due_callbacks(db, state.now(), 1)
        if rows:
            _push(state, teller, rows[0])
            continue
        with state.woken:
            state.woken.wait(_seconds_to_next(state))


def _push(state: State, teller: Teller, row: sqlite3.Row) -> None:
    is_taken, outcome = _tell(teller, row, state.now())
    tries = row["tries"]
    # A forger tries once; the bank gives up after its last pause.
    is_done = is_taken or bool(row["is_forged"]) or tries >= len(RETRY_PAUSES_MS)
    pause = 0 if is_done else RETRY_PAUSES_MS[tries]
    with state.transaction() as db:
        db.execute(
            "UPDATE callback SET is_done = ?, tries = tries + 1, outcome = ?, due_at = ?"
            " WHERE id = ?",
            [int(is_done), outcome, row["due_at"] if is_done else state.now() + pause, row["id"]],
        )


def _tell(teller: Teller, row: sqlite3.Row, now: int) -> tuple[bool, str]:
    """Send one callback; return whether it was taken and what came back."""
    request = urllib.request.Request(  # noqa: S310 - the operator's own address
        teller.address, row["body"].encode(), teller.headers(row, now)
    )
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
            return 200 <= answer.status < 300, str(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return False, str(error.code)
    except (OSError, ValueError) as error:
        return False, type(error).__name__


def _seconds_to_next(state: State) -> float:
    with state.transaction() as db:
        row = db.execute("SELECT min(due_at) FROM callback WHERE is_done = 0").fetchone()
    return wait_until(state, row[0])


def wait_until(state: State, due_at: int | None) -> float:
    """Return how many seconds to wait for what is due at `due_at` (ms), if anything is."""
    if due_at is None:
        return LONGEST_WAIT_SECONDS
    return min(max((due_at - state.now()) / 1000, 0.01), LONGEST_WAIT_SECONDS)
