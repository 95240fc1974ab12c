"""Settlement: what is due is carried out or fails; the pool and the cards move, both or neither."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import astuple, dataclass
from typing import Any

from rongqiao_sandboxes.bank.callbacks import wait_until, write_callback
from rongqiao_sandboxes.bank.faults import faults_of
from rongqiao_sandboxes.bank.orders import Desk, find_row, serial_of
from rongqiao_sandboxes.bank.reading import KINDS_IN
from rongqiao_sandboxes.bank.state import State, china_day, pool_balance

SETTLED_AT_ONCE = 200
OPERATOR = "平台自有资金"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A movement of the pool, as the statement will show it; `at` in ms."""

    serial: str
    order_no: str
    kind: str
    direction: str
    amount_minor: int
    value_on: str
    at: int
    account_no: str = ""
    counterparty: str = ""
    memo: str = ""


def book(db: sqlite3.Connection, entry: Entry) -> None:
    """Write a movement and move the pool, which the database keeps at zero or above."""
    sign = 1 if entry.direction == "in" else -1
    db.execute("UPDATE pool SET balance_minor = balance_minor + ?", [sign * entry.amount_minor])
    db.execute(
        "INSERT INTO entry (serial, order_no, kind, direction, amount_minor, value_on, at,"
        " account_no, counterparty, memo) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        astuple(entry),
    )


def settle_due(state: State) -> int:
    """Settle every order and return that is due by the bank's clock; return how many."""
    settled = 0
    while count := _settle_some(state):
        settled += count
    return settled


def settle_always(state: State, stop: threading.Event) -> None:
    """Settle what becomes due until stopped: the body of the background thread."""
    while not stop.is_set():
        if settle_due(state):
            state.wake()
        with state.woken:
            state.woken.wait(_seconds_to_next(state))


def _settle_some(state: State) -> int:
    with state.transaction() as db:
        desk = Desk(db, state.now(), faults_of(state))
        orders = db.execute(
            "SELECT * FROM payment_order WHERE state = 'processing' AND due_at <= ?"
            " ORDER BY due_at, id LIMIT ?",
            [desk.now, SETTLED_AT_ONCE],
        ).fetchall()
        for row in orders:
            _settle(desk, row, is_manual=state.is_manual)
        returns = db.execute(
            "SELECT * FROM payment_order WHERE state = 'succeeded' AND return_due_at <= ?"
            " ORDER BY return_due_at, id LIMIT ?",
            [desk.now, SETTLED_AT_ONCE],
        ).fetchall()
        for row in returns:
            _return(desk, row, is_manual=state.is_manual)
        return len(orders) + len(returns)


def _settle(desk: Desk, row: sqlite3.Row, *, is_manual: bool) -> None:
    number, reason = row["order_no"], _objection(desk, row)
    today = china_day(desk.now).isoformat()
    is_returned_later = row["kind"] == "withdrawal" and desk.faults.strike("return_rate", number)
    desk.db.execute(
        "UPDATE payment_order SET state = ?, reason = ?, settled_on = ?, return_due_at = ?"
        " WHERE id = ?",
        [
            "failed" if reason else "succeeded",
            reason,
            today,
            desk.now + desk.faults.return_after_ms if is_returned_later and not reason else None,
            row["id"],
        ],
    )
    if not reason:
        direction = "in" if row["kind"] in KINDS_IN else "out"
        book(desk.db, _entry(desk, row, row["bank_serial"], row["kind"], direction))
        # Money that will come back never reached the card.
        if row["card_no"] and not is_returned_later:
            sign = -1 if direction == "in" else 1
            desk.db.execute(
                "UPDATE card SET balance_minor = balance_minor + ? WHERE no = ?",
                [sign * row["amount_minor"], row["card_no"]],
            )
    _tell(desk, number, is_manual=is_manual)


def _return(desk: Desk, row: sqlite3.Row, *, is_manual: bool) -> None:
    serial = serial_of("return", row["order_no"])
    desk.db.execute(
        "UPDATE payment_order SET state = 'returned', reason = 'returned-by-card-bank',"
        " returned_on = ?, return_serial = ? WHERE id = ?",
        [china_day(desk.now).isoformat(), serial, row["id"]],
    )
    book(desk.db, _entry(desk, row, serial, "return", "in"))
    _tell(desk, row["order_no"], is_manual=is_manual)


def _tell(desk: Desk, number: str, *, is_manual: bool) -> None:
    row = find_row(desk.db, number)
    assert row is not None
    write_callback(desk, row, is_manual=is_manual)


def _objection(desk: Desk, row: sqlite3.Row) -> str:
    """Return the code of why a due order fails, or ""."""
    if desk.faults.strike("fail_rate", row["order_no"]):
        return "bank-declined"
    card = desk.db.execute("SELECT * FROM card WHERE no = ?", [row["card_no"]]).fetchone()
    if card and card["is_closed"]:
        return "card-closed"
    if row["kind"] in KINDS_IN:
        is_short = card is not None and card["balance_minor"] < row["amount_minor"]
        return "insufficient-card-balance" if is_short else ""
    return "insufficient-pool" if pool_balance(desk.db) < row["amount_minor"] else ""


def _entry(desk: Desk, row: sqlite3.Row, serial: str, kind: str, direction: str) -> Entry:
    return Entry(
        serial=serial,
        order_no=row["order_no"],
        kind=kind,
        direction=direction,
        amount_minor=row["amount_minor"],
        value_on=china_day(desk.now).isoformat(),
        at=desk.now,
        account_no=row["account_no"],
        counterparty=_counterparty(desk.db, row),
        memo=row["memo"],
    )


def _counterparty(db: sqlite3.Connection, row: sqlite3.Row) -> str:
    """Return whose money it was or becomes: the card's holder, a credit's sender, the operator."""
    if row["card_no"]:
        query, key = "SELECT holder FROM card WHERE no = ?", row["card_no"]
    elif row["original_serial"]:
        query, key = "SELECT counterparty FROM entry WHERE serial = ?", row["original_serial"]
    else:
        return OPERATOR
    found: Any = db.execute(query, [key]).fetchone()
    return str(found[0]) if found else OPERATOR


def _seconds_to_next(state: State) -> float:
    with state.transaction() as db:
        row = db.execute(
            "SELECT min(due) FROM (SELECT min(due_at) AS due FROM payment_order"
            " WHERE state = 'processing' UNION ALL SELECT min(return_due_at) FROM payment_order"
            " WHERE state = 'succeeded')"
        ).fetchone()
    return wait_until(state, row[0])
