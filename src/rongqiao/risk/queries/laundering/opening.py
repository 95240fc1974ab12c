"""Open what is sealed in the tables against money laundering."""

from __future__ import annotations

import json
from typing import Any

from rongqiao.platform.crypto import decrypt


def text_of(sealed: bytes | memoryview | None, table: str, column: str, row: object) -> str:
    """Return a sealed text, empty for none; raises Unreadable."""
    if sealed is None:
        return ""
    return decrypt(sealed, table=f"risk_{table}", column=column, row=row)


def plain_of(sealed: bytes | memoryview, table: str, column: str, row: object) -> Any:
    """Return the plain value that was sealed as JSON; raises Unreadable."""
    return json.loads(text_of(sealed, table, column, row))
