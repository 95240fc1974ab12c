"""One automatic decision with everything it looked at, made again from its record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from rongqiao.lending.origination.models import Decision
from rongqiao.lending.origination.sealing import unseal, unseal_text
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.queries.recording import Reread, Unrepeatable, answer_bytes, reread_record


@dataclass(frozen=True, kw_only=True)
class SeenFeature:
    """A feature as the decision knew it: its text, None for asked and not known; from whom, when.

    `kind` is number, flag, date, text or none.
    """

    name: str
    kind: str
    value: str | None
    as_of: datetime
    source: str


@dataclass(frozen=True, kw_only=True)
class TraceView:
    """A decision on record. `answer` is its text as sealed, of which `answer_sha256` is.

    `read` is the same decision made again, None where that cannot be done any more, and `repeats`
    tells whether it gave the same answer byte for byte.
    """

    application_id: UUID
    application_number: str
    number: int
    outcome: str
    reasons: tuple[dict[str, Any], ...]
    features: tuple[SeenFeature, ...]
    asked: dict[str, Any]
    answer: str
    answer_sha256: str
    policy_sha256: str
    model_sha256: str
    arm: str
    shadow: dict[str, Any] | None
    versions: dict[str, str]
    apply_again_on: date | None
    decided_at: datetime
    read: Reread | None
    repeats: bool


def get_trace(application_id: UUID, number: int) -> TraceView:
    """Return a decision with all that it looked at; raises NotFound for one without an answer."""
    row = _row(application_id, number)
    inputs, answer = _record(row)
    try:
        read: Reread | None = reread_record(inputs, row.policy_sha256, row.model_sha256)
    except Unrepeatable:
        read = None
    return TraceView(
        application_id=application_id,
        application_number=row.application.number,
        number=number,
        outcome=row.outcome,
        reasons=tuple(row.reasons),
        features=tuple(_feature(line) for line in inputs["features"]),
        asked=inputs["case"],
        answer=answer,
        answer_sha256=row.answer_sha256,
        policy_sha256=row.policy_sha256,
        model_sha256=row.model_sha256,
        arm=row.arm,
        shadow=row.shadow,
        versions=row.versions,
        apply_again_on=row.apply_again_on,
        decided_at=row.decided_at,
        read=read,
        repeats=read is not None and answer_bytes(read.verdict) == answer.encode(),
    )


def record_text(application_id: UUID, number: int) -> str:
    """Return a decision's record as JSON, as it was sealed: personal, for whoever audits it.

    `answer` is a text, not an object, so that its sha256 is the one on record. Raises NotFound.
    """
    row = _row(application_id, number)
    inputs, answer = _record(row)
    record = {
        "application": row.application.number,
        "decision": row.number,
        "decided_at": row.decided_at.isoformat(),
        "decided_by": row.decided_by,
        "arm": row.arm,
        "policy_sha256": row.policy_sha256,
        "model_sha256": row.model_sha256,
        "versions": row.versions,
        "inputs": inputs,
        "answer_sha256": row.answer_sha256,
        "answer": answer,
        "shadow": row.shadow,
    }
    return json.dumps(record, ensure_ascii=False, indent=1)


def _row(application_id: UUID, number: int) -> Decision:
    row = (
        Decision.objects.filter(application=application_id, number=number)
        .exclude(answer_sha256="")
        .select_related("application")
        .first()
    )
    if row is None:
        raise NotFound(what="decision")
    return row


def _record(row: Decision) -> tuple[dict[str, Any], str]:
    assert row.answer_sealed is not None
    inputs: dict[str, Any] = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
    return inputs, unseal_text(row.answer_sealed, Decision, "answer_sealed", row.pk)


def _feature(line: list[str | None]) -> SeenFeature:
    name, kind, value, moment, source = line
    assert name is not None
    assert kind is not None
    assert moment is not None
    return SeenFeature(
        name=name,
        kind=kind,
        value=value,
        as_of=datetime.fromisoformat(moment),
        source=source or "",
    )
