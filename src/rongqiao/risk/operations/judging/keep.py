"""Keep the documents a decision was made by, so that it can be made again years later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection, transaction

from rongqiao.platform.operations import inside_operation
from rongqiao.risk.models.documents import RuleDocument
from rongqiao.risk.queries.documents import Kept

_THERE = "SELECT sha256 FROM risk_ruledocument WHERE sha256 = ANY(%s)"
# What each session of the database saw committed: nothing takes it away while the session lasts.
_committed: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


def keep(documents: Iterable[Kept], at: datetime) -> None:
    """Add what is not kept yet; part of the caller's transaction.

    No query for what this session of the database has seen committed, one for what is there.
    """
    assert inside_operation(), "a part outside an operation"
    connection.ensure_connection()
    seen = _committed.setdefault(connection.connection, set())
    wanted = {one.sha256: one for one in documents if one.sha256 not in seen}
    if not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(_THERE, [list(wanted)])
        there = {digest for (digest,) in cursor.fetchall()}
    missing = [one for digest, one in wanted.items() if digest not in there]
    # Another decision may keep the same document at the same time.
    RuleDocument.objects.bulk_create(
        [
            RuleDocument(sha256=one.sha256, kind=one.kind, body=one.body.decode(), kept_at=at)
            for one in missing
        ],
        ignore_conflicts=True,
    )
    transaction.on_commit(lambda: seen.update(wanted))
