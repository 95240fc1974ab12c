"""The audit chain: every operation on record, hash-chained in order by one sealer.

The chain covers canonical plain values (who, what, when by the injected clock, request, result),
never ciphertext, so that two equal histories have equal heads.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from rongqiao.platform.models import OperationRecord, Seal, Unsealed

GENESIS = bytes(32)
PAGE = 50
_ONE_SEALER = 0x5EA1


@dataclass(frozen=True)
class Broken:
    """Where the chain does not hold: the seal's position, its record and why."""

    position: int
    record_id: int
    why: str


def answer_on_record(record_id: int, result: str) -> None:
    """Write an operation's answer (JSON text) on its record and leave the record for the sealer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH answered AS (
                 UPDATE platform_operationrecord SET result = %s::jsonb WHERE id = %s RETURNING id)
               INSERT INTO platform_unsealed (record_id) SELECT id FROM answered""",
            [result, record_id],
        )


def seal(limit: int = 10_000) -> int:
    """Chain up to `limit` waiting records; return how many. A second sealer finds nothing to do."""
    with transaction.atomic(), connection.cursor() as cursor:  # noqa: TID251 - the sealer is no operation
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_ONE_SEALER])
        if not cursor.fetchone()[0]:
            return 0
        waiting = list(
            Unsealed.objects.order_by("record_id").values_list("record_id", flat=True)[:limit]
        )
        last = Seal.objects.order_by("-position").first()
        position, head = (last.position, bytes(last.hash)) if last else (0, GENESIS)
        records = OperationRecord.objects.in_bulk(waiting)
        seals = []
        for record_id in waiting:
            position += 1
            head = _link(head, records[record_id])
            seals.append(Seal(position=position, record_id=record_id, hash=head))
        Seal.objects.bulk_create(seals)
        Unsealed.objects.filter(record_id__in=waiting).delete()
        return len(seals)


def head() -> tuple[int, str]:
    """Return the chain's length and the hex hash of its last link."""
    last = Seal.objects.order_by("-position").first()
    return (last.position, bytes(last.hash).hex()) if last else (0, GENESIS.hex())


def hash_at(position: int) -> str | None:
    """Return the hex hash of a link, or None where the chain has no such link."""
    if position == 0:
        return GENESIS.hex()
    link = Seal.objects.filter(pk=position).first()
    return bytes(link.hash).hex() if link else None


def list_records(
    *,
    name: str = "",
    actor: str = "",
    hidden: str = "",
    before: int | None = None,
    limit: int = PAGE,
) -> list[OperationRecord]:
    """Return records, newest first; `before` is the last number seen.

    Those whose name begins with `hidden` are left out.
    """
    records = _found(name, actor, hidden)
    if before is not None:
        records = records.filter(pk__lt=before)
    return list(records.order_by("-id")[:limit])


def count_records(*, name: str = "", actor: str = "", hidden: str = "") -> int:
    """Return how many records there are in all, but for those whose name begins with `hidden`."""
    return _found(name, actor, hidden).count()


def _found(name: str, actor: str, hidden: str) -> QuerySet[OperationRecord]:
    records = OperationRecord.objects.all()
    if hidden:
        records = records.exclude(name__startswith=hidden)
    if name:
        records = records.filter(name__startswith=name)
    if actor:
        records = records.filter(actor=actor)
    return records


def check() -> tuple[int, Broken | None]:
    """Walk the whole chain; return how many links were checked and the first broken one."""
    previous, count = GENESIS, 0
    links = Seal.objects.order_by("position").iterator(chunk_size=2000)
    batch: list[Seal] = []
    for link in links:
        batch.append(link)
        if len(batch) == 2000:
            previous, broken = _check_batch(batch, previous, count)
            if broken:
                return count, broken
            count += len(batch)
            batch = []
    previous, broken = _check_batch(batch, previous, count)
    return count + len(batch), broken


def _check_batch(batch: list[Seal], previous: bytes, done: int) -> tuple[bytes, Broken | None]:
    records = OperationRecord.objects.in_bulk([link.record_id for link in batch])
    for offset, link in enumerate(batch, start=1):
        record = records.get(link.record_id)
        if link.position != done + offset:
            return previous, Broken(link.position, link.record_id, "a link is missing before it")
        if record is None:
            return previous, Broken(link.position, link.record_id, "its record is gone")
        previous = _link(previous, record)
        if previous != bytes(link.hash):
            return previous, Broken(link.position, link.record_id, "its record was changed")
    return previous, None


def _link(previous: bytes, record: OperationRecord) -> bytes:
    content: dict[str, Any] = {
        "name": record.name,
        "key": record.key,
        "actor": record.actor,
        "at": record.happened_at.isoformat(),
        "on": record.business_date.isoformat(),
        "request": record.request,
        "result": record.result,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()
