"""The daily statement as a file, and the mistakes that may be planted in it.

A header row, one line per movement of the China date, and a trailer:
`trailer,<date>,<count>,<total_in>,<total_out>,<opening>,<closing>,<sha256>`; the digest is taken
over every byte before itself. Planted mistakes: count and totals fit the lines as listed, the
digest fits the bytes, opening and closing balance stay the true ones. `cut` tears the file off in
the middle; `fee` is no mistake: the bank takes a fee, from the pool, on that date.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sqlite3
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from rongqiao_sandboxes.bank.faults import drawn
from rongqiao_sandboxes.bank.orders import serial_of
from rongqiao_sandboxes.bank.reading import CURRENCY, Refused, amount_text, read_text
from rongqiao_sandboxes.bank.settling import Entry, book
from rongqiao_sandboxes.bank.state import end_of_day, pool_balance

COLUMNS = (
    "serial",
    "order_no",
    "kind",
    "direction",
    "amount",
    "currency",
    "value_on",
    "account_no",
    "counterparty_name",
    "memo",
)
KINDS = ("cut", "duplicate", "yesterday", "wrong_amount", "missing", "extra", "fee")
FEE_MINOR = 500
FEE_FROM = "存管银行"

Line = dict[str, Any]


def read_day(text: str) -> date:
    """Return a date in the form 2026-01-05; raises Refused (`date`)."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or len(text) != 10:
        raise Refused("date", "the date has not the form 2026-01-05")
    return day


def statement(db: sqlite3.Connection, day: date, now: int, *, is_preview: bool = False) -> bytes:
    """Return a day's file; raises Refused (404 `not-ready`) before the day has ended.

    A preview is the file as it would be if the day ended now.
    """
    if now < end_of_day(day) and not is_preview:
        raise Refused("not-ready", "the day has not ended", HTTPStatus.NOT_FOUND)
    rows = db.execute("SELECT * FROM entry WHERE value_on = ? ORDER BY at, id", [day.isoformat()])
    lines = [{name: row[name] for name in row.keys()} for row in rows]  # noqa: SIM118
    fault = db.execute(
        "SELECT kind FROM statement_fault WHERE day = ?", [day.isoformat()]
    ).fetchone()
    kind = fault["kind"] if fault else ""
    content = _written(_mistaken(lines, kind, day), day, _balances(db, day))
    return content[: len(content) // 2] if kind == "cut" else content


def plant_fault(db: sqlite3.Connection, found: dict[str, Any], now: int) -> dict[str, Any]:
    """Plant a mistake in a day's file, or take it out by the kind `none`.

    Raises Refused: `date`, `fault`, `insufficient-pool` for a fee with nothing to take it from.
    """
    day, kind = read_day(read_text(found, "date")), read_text(found, "kind")
    if kind not in (*KINDS, "none"):
        raise Refused("fault", f"kind is one of none, {', '.join(KINDS)}")
    if kind == "fee":
        _take_fee(db, day, now)
    else:
        db.execute("DELETE FROM statement_fault WHERE day = ?", [day.isoformat()])
        if kind != "none":
            db.execute("INSERT INTO statement_fault VALUES (?, ?)", [day.isoformat(), kind])
    return {"date": day.isoformat(), "kind": kind}


def _take_fee(db: sqlite3.Connection, day: date, now: int) -> None:
    if pool_balance(db) < FEE_MINOR:
        raise Refused("insufficient-pool", "there is nothing to take a fee from")
    count = db.execute("SELECT count(*) FROM entry WHERE kind = 'fee'").fetchone()[0]
    entry = Entry(
        serial=serial_of("fee", day.isoformat(), str(count)),
        order_no="",
        kind="fee",
        direction="out",
        amount_minor=FEE_MINOR,
        value_on=day.isoformat(),
        at=now,
        counterparty=FEE_FROM,
        memo="账户管理费",
    )
    book(db, entry)


def _mistaken(lines: list[Line], kind: str, day: date) -> list[Line]:
    """Return the lines with the mistake in one of them, which one follows from the day."""
    if kind == "extra":
        return [*lines, _extra(day)]
    if not lines or kind not in KINDS:
        return lines
    place = int(drawn(0, day.isoformat(), kind) * len(lines))
    line, rest = lines[place], [*lines[:place], *lines[place + 1 :]]
    if kind == "missing":
        return rest
    changed = dict(line)
    if kind == "wrong_amount":
        changed["amount_minor"] += 100
    elif kind == "yesterday":
        changed["value_on"] = (day - timedelta(days=1)).isoformat()
    elif kind == "duplicate":
        return [*lines[: place + 1], line, *lines[place + 1 :]]
    return [*lines[:place], changed, *lines[place + 1 :]]


def _extra(day: date) -> Line:
    number = serial_of("extra", day.isoformat())
    return {
        "serial": number,
        "order_no": f"XX{number[-10:]}",
        "kind": "withdrawal",
        "direction": "out",
        "amount_minor": 8_888,
        "value_on": day.isoformat(),
        "account_no": "",
        "counterparty": "不明收款人",
        "memo": "",
    }


def _balances(db: sqlite3.Connection, day: date) -> tuple[int, int]:
    """Return the opening and closing balance of a day, in fen."""
    signed = "coalesce(sum(CASE direction WHEN 'in' THEN amount_minor ELSE -amount_minor END), 0)"
    query = f"SELECT {signed} FROM entry WHERE value_on"  # noqa: S608 - no outside text
    opening = db.execute(f"{query} < ?", [day.isoformat()]).fetchone()[0]
    closing = db.execute(f"{query} <= ?", [day.isoformat()]).fetchone()[0]
    return opening, closing


def _written(lines: list[Line], day: date, balances: tuple[int, int]) -> bytes:
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(COLUMNS)
    for line in lines:
        out.writerow(
            [
                line["serial"],
                line["order_no"],
                line["kind"],
                line["direction"],
                amount_text(line["amount_minor"]),
                CURRENCY,
                line["value_on"],
                line["account_no"],
                line["counterparty"],
                line["memo"],
            ]
        )
    totals = [
        sum(line["amount_minor"] for line in lines if line["direction"] == direction)
        for direction in ("in", "out")
    ]
    figures = ",".join(amount_text(minor) for minor in (*totals, *balances))
    content = f"{text.getvalue()}trailer,{day.isoformat()},{len(lines)},{figures},".encode()
    return content + hashlib.sha256(content).hexdigest().encode() + b"\n"
