"""From a journal to the page of the document it tells of, found by the document's number."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.urls import reverse

from rongqiao.lending.servicing.queries.loans import find_loans
from rongqiao.money.ledger.queries.manual import find_manual_journal
from rongqiao.money.payments.queries.movements import find_movement
from rongqiao.money.payments.queries.orders import find_order
from rongqiao.money.payments.queries.reconciling import find_break
from rongqiao.platform import clock

# Numbers that people read: a prefix, year and month, nine digits, a check digit (platform.ids).
_NUMBER = re.compile(r"([A-Z]{1,2})\d{14}", re.ASCII)
# A line of a day's statement that was booked before anybody knew whose it is.
_STATEMENT = re.compile(r"statement:(\d{4}-\d{2}-\d{2}):", re.ASCII)


def door_of(document: str) -> str:
    """Return the address of a document's page; empty where it has none."""
    if day := _STATEMENT.match(document):
        return reverse("reconciling-day", args=[day[1]])
    found = _NUMBER.fullmatch(document)
    door = DOORS.get(found[1]) if found else None
    return door(document) if door else ""


def _loan(number: str) -> str:
    cards = find_loans(clock.business_date(), text=number)
    return next((reverse("desk-loan", args=[one.id]) for one in cards if one.number == number), "")


def _order(number: str) -> str:
    order = find_order(number)
    return reverse("order-desk", args=[order.id]) if order else ""


def _manual(number: str) -> str:
    found = find_manual_journal(number)
    return reverse("manual-journal", args=[found]) if found else ""


def _break(number: str) -> str:
    found = find_break(number)
    return reverse("break", args=[found]) if found else ""


def _movement(number: str) -> str:
    found = find_movement(number)
    return reverse("movement", args=[found.kind, found.id]) if found else ""


# Prefixes as the operations that make the documents give them.
DOORS: dict[str, Callable[[str], str]] = {
    "L": _loan,
    "PO": _order,
    "MJ": _manual,
    "BK": _break,
    "RC": _movement,
    "CI": _movement,
}
