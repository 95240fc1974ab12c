"""Point Django's default connection at another database or role, in every thread."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PARTS = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


def point_at(database: Mapping[str, Any]) -> dict[str, Any]:
    """Make `database` (a DATABASES entry) the default one; return what was before.

    Connections of other threads must be closed by them.
    """
    connections["default"].close()
    # The very dictionary that every thread's connection is made from.
    live: dict[str, Any] = connections.settings["default"]
    before = {part: live[part] for part in PARTS}
    live.update({part: database[part] for part in PARTS})
    # A thread's wrapper copies nothing but may have been given its own dictionary by a test tool.
    connections["default"].settings_dict.update({part: live[part] for part in PARTS})
    return before


@contextmanager
def pointed_at(database: Mapping[str, Any]) -> Iterator[None]:
    """Use `database` as the default one for the length of the block."""
    before = point_at(database)
    try:
        yield
    finally:
        point_at(before)
