"""The kinds of collateral: what must be said of each, and which of it tells one from another. Pure.

A particular is checked by its form and comes out in one normal form, so that the same vehicle or
certificate is the same text however it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongqiao.finance.money import LARGEST_MINOR, BadAmount, Money
from rongqiao.policies.identifiers import (
    BadIdentifier,
    corporate_account,
    credit_code,
    plate,
    resident_id,
    vehicle_number,
)

GUARANTEES = ("general", "joint")
OLDEST_YEAR = 1950
MOST_KILOMETRES = 5_000_000
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
Check = Callable[[str, date], str]


class BadParticular(ValueError):
    """A particular is missing or wrong: which field, a reason's code, and what is allowed."""

    def __init__(self, field: str, reason: str, allowed: str) -> None:
        super().__init__(field, reason)
        self.field, self.reason, self.allowed = field, reason, allowed


@dataclass(frozen=True)
class Particular:
    """One thing to be said of an item; `is_identity` where it tells the item from others."""

    name: str
    check: Check
    is_identity: bool = False


class _Wrong(ValueError):
    """A text is not of its form; `allowed` says what is."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def _text(longest: int, shortest: int = 1) -> Check:
    def check(given: str, _on: date) -> str:
        words = unicodedata.normalize("NFKC", " ".join(given.split()))
        if not shortest <= len(words) <= longest or not words.isprintable():
            raise _Wrong(f"{shortest} - {longest}")
        return words

    return check


def _paper(given: str, on: date) -> str:
    """The number of a certificate or contract: blanks, widths and letter case do not matter."""
    return _text(60, 4)("".join(given.split()).upper(), on)


def _whole(least: int, most: int) -> Check:
    def check(given: str, _on: date) -> str:
        number = int(given) if _WHOLE.fullmatch(given) else -1
        if not least <= number <= most:
            raise _Wrong(f"{least} - {most}")
        return str(number)

    return check


def _year(given: str, on: date) -> str:
    return _whole(OLDEST_YEAR, on.year + 1)(given, on)


def _decimal(most: Decimal) -> Check:
    def check(given: str, _on: date) -> str:
        number = Decimal(given) if _DECIMAL.fullmatch(given) else Decimal(0)
        if not 0 < number <= most:
            raise _Wrong(f"0.01 - {most}")
        return str(number.quantize(Decimal("0.01")))

    return check


def _amount(given: str, _on: date) -> str:
    try:
        amount = Money.yuan(given)
    except BadAmount:
        amount = Money.zero()
    if not 0 < amount.minor <= LARGEST_MINOR:
        raise _Wrong(f"0.01 - {Money(LARGEST_MINOR).text()}")
    return amount.text()


def _day_ahead(given: str, on: date) -> str:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        day = on
    if day <= on:
        raise _Wrong(f"> {on.isoformat()}")
    return day.isoformat()


def _guarantee(given: str, _on: date) -> str:
    if given not in GUARANTEES:
        raise _Wrong(", ".join(GUARANTEES))
    return given


def _legal_subject(given: str, on: date) -> str:
    """A resident id or a unified social credit code: both have 18 characters."""
    try:
        return credit_code(given).number
    except BadIdentifier:
        return resident_id(given, on).number


def _vehicle_number(given: str, _on: date) -> str:
    return vehicle_number(given)


def _plate(given: str, _on: date) -> str:
    return plate(given)


def _account(given: str, _on: date) -> str:
    return corporate_account(given).number


KINDS: Mapping[str, tuple[Particular, ...]] = {
    "vehicle": (
        Particular("vin", _vehicle_number, is_identity=True),
        Particular("plate", _plate),
        Particular("make", _text(60)),
        Particular("year", _year),
        Particular("mileage", _whole(0, MOST_KILOMETRES)),
    ),
    "real_estate": (
        Particular("certificate", _paper, is_identity=True),
        Particular("address", _text(200, 4)),
        Particular("area", _decimal(Decimal(10_000_000))),
        Particular("share", _decimal(Decimal(100))),
    ),
    "receivable": (
        Particular("debtor", _text(120, 2), is_identity=True),
        Particular("invoice", _paper, is_identity=True),
        Particular("amount", _amount),
        Particular("ends_on", _day_ahead),
    ),
    "deposit": (
        Particular("bank", _text(60, 2)),
        Particular("account", _account, is_identity=True),
        Particular("amount", _amount),
    ),
    "guarantee": (
        Particular("guarantor", _text(120, 2)),
        Particular("guarantor_number", _legal_subject, is_identity=True),
        Particular("contract", _paper, is_identity=True),
        Particular("guarantee", _guarantee),
        Particular("amount", _amount),
        Particular("ends_on", _day_ahead),
    ),
}


def identity_in(kind: str, text: str, on: date) -> str | None:
    """Return the identity that one text names, where a kind has no more to its identity than one.

    None for a text that is not of its form, and for other kinds.
    """
    telling = [one for one in KINDS[kind] if one.is_identity]
    if len(telling) != 1:
        return None
    try:
        return telling[0].check(text.strip(), on)
    except ValueError:
        return None


def checked(kind: str, given: Mapping[str, str], on: date) -> dict[str, str]:
    """Return every particular of a kind in its normal form; raises BadParticular."""
    found = {}
    for one in KINDS[kind]:
        text = given.get(one.name, "").strip()
        if not text:
            raise BadParticular(one.name, "missing", "")
        try:
            found[one.name] = one.check(text, on)
        except _Wrong as wrong:
            raise BadParticular(one.name, "form", wrong.allowed) from wrong
        except BadIdentifier as wrong:
            raise BadParticular(one.name, wrong.reason, "") from wrong
    return found


def identity_of(kind: str, particulars: Mapping[str, str]) -> str:
    """Return the text that tells an item from every other of its kind."""
    return "\x1f".join(particulars[one.name] for one in KINDS[kind] if one.is_identity)


def face_of(particulars: Mapping[str, str]) -> Money | None:
    """Return what an item is worth at most by its own paper; None where no paper says so."""
    amount = particulars.get("amount")
    return None if amount is None else Money.yuan(amount)


def end_of(particulars: Mapping[str, str]) -> date | None:
    """Return the last day an item secures anything; None where it has none."""
    day = particulars.get("ends_on")
    return None if day is None else date.fromisoformat(day)
