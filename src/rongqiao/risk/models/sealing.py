"""Personal content of this context's rows: plain values as JSON, sealed to their exact place."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db import models

from rongqiao.platform.crypto import decrypt, encrypt
from rongqiao.platform.operations import canonical


def seal(value: object, model: type[models.Model], column: str, row: UUID) -> bytes:
    """Return plain values sealed for one column and row of a model's table."""
    return encrypt(canonical(value), table=model._meta.db_table, column=column, row=row)


def unseal(sealed: bytes | memoryview, model: type[models.Model], column: str, row: UUID) -> Any:
    """Return what was sealed there, as JSON gives it back; raises crypto.Unreadable."""
    return json.loads(decrypt(sealed, table=model._meta.db_table, column=column, row=row))
