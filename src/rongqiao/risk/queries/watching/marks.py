"""Attributes as keyed digests: what is stored, compared and looked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.crypto import blind_index
from rongqiao.policies.masking import mask_email, mask_number, mask_phone
from rongqiao.risk.fraud.attributes import (
    LISTABLE,
    Kind,
    Unreadable,
    normal,
    of_address,
    of_phone,
    of_visit,
)

LISTABLE_KINDS = tuple(kind.value for kind in LISTABLE)


@dataclass(frozen=True)
class Mark:
    """One attribute: its kind and the hex of its keyed digest. Its value cannot be had from it."""

    kind: str
    index: str

    @property
    def raw(self) -> bytes:
        """Return the digest as it is stored."""
        return bytes.fromhex(self.index)


def mark(kind: str, text: str) -> Mark:
    """Return the mark of a value, however it is written; raises Unreadable (a ValueError)."""
    known = Kind(kind)
    return _sealed(known, normal(known, text))


def visit_marks(device: str, agent: str, address: str) -> tuple[Mark, ...]:
    """Return what a browser's visit tells."""
    return _all(of_visit(device, agent, address))


def phone_marks(phone: str) -> tuple[Mark, ...]:
    """Return what a phone number tells."""
    return _all(of_phone(phone))


def home_marks(address: str) -> tuple[Mark, ...]:
    """Return what a home address tells, if it is told down to the door; nothing of no text."""
    return _all(of_address(address)) if address.strip() else ()


def self_index(subject_id: UUID) -> bytes:
    """Return the digest under which a subject's own deeds stand."""
    return blind_index("risk.fraud.self", str(subject_id))


def hint_of(kind: str, text: str) -> str:
    """Return how a value is shown once its clear text is gone: `138****8000`."""
    value = normal(Kind(kind), text)
    if kind == Kind.PHONE:
        return mask_phone(value)
    if kind == Kind.EMAIL:
        return mask_email(value)
    return mask_number(value)[:60]


def is_readable(kind: str, text: str) -> bool:
    """Tell whether a value has a normal form of its kind."""
    try:
        mark(kind, text)
    except Unreadable:
        return False
    return True


def _all(told: Iterable[tuple[Kind, str]]) -> tuple[Mark, ...]:
    return tuple(_sealed(kind, value) for kind, value in told)


def _sealed(kind: Kind, value: str) -> Mark:
    return Mark(kind.value, blind_index(f"risk.fraud.{kind}", value).hex())
