"""What a developer or a test may do to the bank: clock, cards, foreign credits, settling, looking.

None of this is signed: the service listens on this machine's own address alone.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any

from rongqiao_sandboxes.bank.orders import serial_of
from rongqiao_sandboxes.bank.reading import Refused, amount_text, read_amount, read_text
from rongqiao_sandboxes.bank.settling import Entry, book, settle_due
from rongqiao_sandboxes.bank.state import State, china_day, instant_text, pool_balance


def put_clock(state: State, found: dict[str, Any]) -> dict[str, Any]:
    """Put the bank's clock to `now` (ISO 8601 with offset), or back to the machine's by null."""
    told = found.get("now")
    try:
        instant = datetime.fromisoformat(told) if told else None
    except (TypeError, ValueError):
        raise Refused("clock", "now is no ISO 8601 instant") from None
    if instant is not None and instant.tzinfo is None:
        raise Refused("clock", "now has no offset")
    state.set_clock(instant)
    return {"now": instant_text(state.now())}


def settle(state: State) -> dict[str, Any]:
    """Settle what is due now."""
    return {"settled": settle_due(state), "now": instant_text(state.now())}


def credit(state: State, found: dict[str, Any]) -> dict[str, Any]:
    """Book money somebody sent without an order; once per `serial`, if one is given.

    Raises Refused: `amount`, `field`, `conflict` (409) for another credit of that serial.
    """
    amount_minor = read_amount(found, "amount")
    if amount_minor == 0:
        raise Refused("amount", "a credit is of something")
    sender, memo = read_text(found, "from_name"), read_text(found, "memo")
    now = state.now()
    with state.transaction() as db:
        count = db.execute("SELECT count(*) FROM entry WHERE kind = 'credit'").fetchone()[0]
        entry = Entry(
            serial=read_text(found, "serial", 64) or serial_of("credit", str(count), sender),
            order_no="",
            kind="credit",
            direction="in",
            amount_minor=amount_minor,
            value_on=china_day(now).isoformat(),
            at=now,
            counterparty=sender,
            memo=memo,
        )
        row = db.execute("SELECT * FROM entry WHERE serial = ?", [entry.serial]).fetchone()
        if row is None:
            book(db, entry)
        elif (row["kind"], row["amount_minor"], row["counterparty"], row["memo"]) != (
            "credit",
            amount_minor,
            sender,
            memo,
        ):
            raise Refused("conflict", "the serial is another's", HTTPStatus.CONFLICT)
    return {"serial": entry.serial, "value_on": row["value_on"] if row else entry.value_on}


def overview(state: State) -> dict[str, Any]:
    """Return the bank's time, the balance, and orders and callbacks counted."""
    now = state.now()
    with state.transaction() as db:
        orders = db.execute("SELECT state, count(*) FROM payment_order GROUP BY state").fetchall()
        callbacks = db.execute(
            "SELECT CASE WHEN is_done THEN outcome ELSE 'waiting' END AS what, count(*)"
            " FROM callback GROUP BY what"
        ).fetchall()
        balance = pool_balance(db)
    return {
        "now": instant_text(now),
        "is_manual": state.is_manual,
        "balance": amount_text(balance),
        "orders": {row[0]: row[1] for row in orders},
        "callbacks": {row[0]: row[1] for row in callbacks},
    }
