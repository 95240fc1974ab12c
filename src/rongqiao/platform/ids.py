"""Ids of business objects: UUIDv7, made from the injected clock and random source."""

from __future__ import annotations

import random
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

_sources: list[random.Random] = [secrets.SystemRandom()]


def new_id(at: datetime) -> UUID:
    """Return a UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then 74 random bits."""
    milliseconds = int(at.timestamp() * 1000)
    rand = _sources[-1].getrandbits(74)
    high, low = rand >> 62, rand & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def random_digits(count: int) -> str:
    """Return `count` decimal digits from the source in use."""
    return str(_sources[-1].randrange(10**count)).zfill(count)


def short_number(prefix: str, at: datetime) -> str:
    """Return what people read aloud: prefix, year and month, nine random digits, a check digit.

    The check digit is ISO 7064 MOD 11,10 over the digits; nine random digits keep a number from
    being counted up into somebody else's record.
    """
    digits = f"{at:%y%m}{random_digits(9)}"
    return f"{prefix}{digits}{check_digit(digits)}"


def check_digit(digits: str) -> str:
    """Return the ISO 7064 MOD 11,10 check digit of a string of decimal digits."""
    check = 10
    for digit in digits:
        check = ((check + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - check) % 10)


@contextmanager
def drawing_from(source: random.Random) -> Iterator[None]:
    """Take ids from `source` for the length of the block (tests, simulation)."""
    _sources.append(source)
    try:
        yield
    finally:
        _sources.remove(source)
