"""Erase what is known of a customer whose business ended ten years ago (反洗钱法 art. 34)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.laundering.retention import kept_from


class StillKept(Refusal):
    """The business has not ended ten years ago; fact: `before`."""

    kind, code = Kind.INVALID, "laundering.still-kept"


@dataclass(frozen=True, kw_only=True)
class EraseRecords:
    """Whose, and a day by which their business had ended."""

    party_id: UUID
    ended_by: date


@dataclass(frozen=True, kw_only=True)
class RecordsErased:
    """Whether there was something to erase. How much stands behind the wall."""

    was_erased: bool


@operation("risk.laundering.erase_records", restore=RecordsErased)
def erase_records(command: EraseRecords, call: Call) -> RecordsErased:
    """Erase screenings, ratings, alerts, cases, reports, freezes and words on links, all at once.

    The database's function does it, and says no where something of the last ten years is about the
    customer. What stays: how many there were, the days' counts, the chain of records. Raises
    StillKept.
    """
    before = kept_from(call.on)
    if command.ended_by > before:
        raise StillKept(before=before.isoformat())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT risk_erase_laundering(%s, %s, %s)",
            [command.party_id, command.ended_by, call.at],
        )
        (was_erased,) = cursor.fetchone() or (False,)
    return RecordsErased(was_erased=bool(was_erased))
