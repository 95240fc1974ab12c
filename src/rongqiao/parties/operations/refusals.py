"""Refusals that several writes of this context share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.identifiers import BadIdentifier

T = TypeVar("T")


class IdentifierRefused(Refusal):
    """An identifier is wrong; facts: `field`, masked `value`, `reason` (policies.identifiers)."""

    kind, code = Kind.INVALID, "parties.bad-identifier"


class NotYours(Refusal):
    """The actor does not act for this party."""

    kind, code = Kind.NOT_FOUND, "parties.not-yours"


def checked(read: Callable[[], T]) -> T:
    """Return what `read` returns, turning BadIdentifier into a refusal."""
    try:
        return read()
    except BadIdentifier as error:
        raise IdentifierRefused(
            field=error.field, value=error.shown, reason=error.reason
        ) from error
