"""From a journal to the page of the document it tells of, found by the document's number."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.urls import reverse

from rongqiao.lending.servicing.queries.loans import find_loans
from rongqiao.platform import clock

# Numbers that people read: a prefix, year and month, nine digits, a check digit (platform.ids).
_NUMBER = re.compile(r"([A-Z]{1,2})\d{14}", re.ASCII)


def door_of(document: str) -> str:
    """Return the address of a document's page; empty where it has none."""
    found = _NUMBER.fullmatch(document)
    door = DOORS.get(found[1]) if found else None
    return door(document) if door else ""


def _loan(number: str) -> str:
    cards = find_loans(clock.business_date(), text=number)
    return next((reverse("desk-loan", args=[one.id]) for one in cards if one.number == number), "")


DOORS: dict[str, Callable[[str], str]] = {"L": _loan}
