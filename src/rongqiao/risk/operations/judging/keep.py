"""Keep the documents a decision was made by, so that it can be made again years later."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from rongqiao.platform.operations import inside_operation
from rongqiao.risk.models.documents import RuleDocument
from rongqiao.risk.queries.documents import Kept


def keep(documents: Iterable[Kept], at: datetime) -> None:
    """Add what is not kept yet; part of the caller's transaction. One query where all is there."""
    assert inside_operation(), "a part outside an operation"
    wanted = {one.sha256: one for one in documents}
    there = set(RuleDocument.objects.filter(sha256__in=wanted).values_list("sha256", flat=True))
    missing = [one for digest, one in wanted.items() if digest not in there]
    if missing:
        # Another decision may keep the same document at the same time.
        RuleDocument.objects.bulk_create(
            [
                RuleDocument(sha256=one.sha256, kind=one.kind, body=one.body.decode(), kept_at=at)
                for one in missing
            ],
            ignore_conflicts=True,
        )
