"""What an item is, sealed to its row, and the digest that finds it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rongqiao.lending.collateral.kinds import identity_in, identity_of
from rongqiao.platform.crypto import blind_index, decrypt, encrypt
from rongqiao.platform.operations import canonical

if TYPE_CHECKING:
    from rongqiao.lending.collateral.models import Collateral

_TABLE, _COLUMN = "collateral_collateral", "particulars_sealed"


def seal(particulars: Mapping[str, str], row: UUID) -> bytes:
    """Return an item's particulars sealed to its row."""
    return encrypt(canonical(dict(particulars)), table=_TABLE, column=_COLUMN, row=row)


def unseal(row: Collateral) -> dict[str, str]:
    """Return an item's particulars; raises crypto.Unreadable."""
    found: Any = json.loads(
        decrypt(row.particulars_sealed, table=_TABLE, column=_COLUMN, row=row.pk)
    )
    return {str(name): str(text) for name, text in found.items()}


def index_of(kind: str, particulars: Mapping[str, str]) -> bytes:
    """Return the look-up digest of what tells an item from others of its kind."""
    return _index(kind, identity_of(kind, particulars))


def index_of_text(kind: str, text: str, on: date) -> bytes | None:
    """Return the digest of the item that one text names; None where it names none of the kind."""
    identity = identity_in(kind, text, on)
    return None if identity is None else _index(kind, identity)


def _index(kind: str, identity: str) -> bytes:
    return blind_index(f"collateral.{kind}", identity)
