"""Raise alerts inside an operation: each thing once, an open case of the party takes it in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from rongqiao.platform.crypto import keyed_digest
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call
from rongqiao.risk.laundering.thresholds import deadlines
from rongqiao.risk.models.laundering.casework import LaunderingAlert
from rongqiao.risk.operations.laundering.officers import due_after, sealed


@dataclass(frozen=True, kw_only=True)
class Raise:
    """What to raise: of whom, `name` or a pattern's code, and the evidence as plain values.

    `basis` tells the same thing raised again from another one.
    """

    party_id: UUID
    kind: str
    score: float
    evidence: Any
    basis: str
    part: str = ""
    entry_id: int | None = None


def raise_alerts(wanted: Iterable[Raise], call: Call) -> int:
    """Write the alerts that were not raised before; return how many."""
    rows = [_row(one, call) for one in wanted]
    before = LaunderingAlert.objects.filter(digest__in=[row.digest for row in rows]).count()
    LaunderingAlert.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows) - before


def _row(one: Raise, call: Call) -> LaunderingAlert:
    alert_id = new_id(call.at)
    return LaunderingAlert(
        id=alert_id,
        number=short_number("AL", call.at),
        party_id=one.party_id,
        kind=one.kind,
        part=one.part,
        entry_id=one.entry_id,
        score=Decimal(str(round(one.score, 3))),
        evidence_sealed=sealed(one.evidence, "launderingalert", "evidence_sealed", alert_id),
        digest=keyed_digest("laundering-alert", str(one.party_id), one.kind, one.basis),
        state="open",
        raised_at=call.at,
        raised_on=call.on,
        due_on=due_after(call.on, deadlines().alert),
    )
