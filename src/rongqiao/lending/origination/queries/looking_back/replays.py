"""Decisions made again from their records: the same policy, model and inputs, the same answer.

A record that does not give its answer again was changed, or the judge was: `rongqiao verify` and
the benchmark ask here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import F, Func, IntegerField, TextField
from django.db.models.functions import Cast

from rongqiao.lending.origination.models import Decision
from rongqiao.lending.origination.sealing import unseal, unseal_text
from rongqiao.money.ledger.queries.books import NAMED_AT_MOST, Checked
from rongqiao.platform.crypto import Unreadable
from rongqiao.risk.queries.documents import Kept, count_documents, sound_documents
from rongqiao.risk.queries.recording import Unrepeatable, digest_of, latest_feature, replay

# All of them up to here; beyond, every n-th by a hash of its id, a like number in all.
CHECKED_AT_MOST = 20_000
_CHUNK = 500


@dataclass(frozen=True)
class Replayed:
    """How many decisions have an answer on record, how many were made again, and what differs."""

    on_record: int
    checked: int
    wrong: tuple[str, ...]


def replay_decisions(at_most: int = CHECKED_AT_MOST) -> Replayed:
    """Make decisions again and compare them with their records, byte for byte.

    Documents are read once a chunk and held to their digests; no query per decision.
    """
    answered = Decision.objects.exclude(answer_sha256="")
    on_record = answered.count()
    every = max(1, -(-on_record // at_most))
    if every > 1:
        drawn = Func(Cast("pk", TextField()), function="hashtext", output_field=IntegerField())
        answered = answered.annotate(drawn=drawn).annotate(turn=F("drawn") % every).filter(turn=0)
    checked, wrong = 0, []
    rows = answered.select_related("application").order_by("pk").iterator(chunk_size=_CHUNK)
    for chunk in _chunks(rows):
        kept = sound_documents(_documents_of(chunk))
        checked += len(chunk)
        for row in chunk:
            fault = _fault(row, kept)
            if fault:
                wrong.append(f"decision {row.application.number}/{row.number}: {fault}")
    return Replayed(on_record, checked, tuple(wrong))


def check_decisions() -> Checked:
    """Every decision a policy made comes out of its record again, byte for byte."""
    found = replay_decisions()
    return Checked(
        law="9 decisions repeat from their records, byte for byte",
        checked=found.checked,
        broken=len(found.wrong),
        examples=found.wrong[:NAMED_AT_MOST],
    )


def check_documents() -> Checked:
    """Every policy and model is kept unchanged under the digest of its text."""
    checked, changed = count_documents()
    return Checked(
        law="9 policies and models are kept as they were used",
        checked=checked,
        broken=len(changed),
        examples=tuple(f"document {digest}" for digest in changed[:NAMED_AT_MOST]),
    )


def _chunks(rows: Iterator[Decision]) -> Iterator[list[Decision]]:
    while chunk := list(islice(rows, _CHUNK)):
        yield chunk


def _documents_of(chunk: list[Decision]) -> dict[str, Kept]:
    digests = {digest for row in chunk for digest in (row.policy_sha256, row.model_sha256)}
    for row in chunk:
        if row.shadow:
            digests |= {row.shadow["policy_sha256"], row.shadow["model_sha256"]}
    return sound_documents(digests)


def _fault(row: Decision, kept: dict[str, Kept]) -> str:
    """Return what is wrong with a record, nothing where it repeats."""
    assert row.answer_sealed is not None
    try:
        inputs = unseal(row.inputs_sealed, Decision, "inputs_sealed", row.pk)
        answer = unseal_text(row.answer_sealed, Decision, "answer_sealed", row.pk).encode()
    except Unreadable:
        return "its inputs or its answer were changed"
    if digest_of(answer) != row.answer_sha256:
        return "its answer is not the one of its digest"
    latest = latest_feature(inputs)
    if latest is not None and latest > row.decided_at:
        return "it looked at what was known only later"
    return _unrepeated(row, inputs, answer, kept) or _unlike(row, answer)


def _unrepeated(row: Decision, inputs: dict[str, Any], answer: bytes, kept: dict[str, Kept]) -> str:
    shadow = row.shadow
    try:
        if replay(inputs, row.policy_sha256, row.model_sha256, kept) != answer:
            return "its inputs give another answer"
        if shadow and shadow["answer_sha256"] != digest_of(
            replay(inputs, shadow["policy_sha256"], shadow["model_sha256"], kept)
        ):
            return "its inputs give another answer in the shadow"
    except Unrepeatable as why:
        return str(why)
    return ""


def _unlike(row: Decision, answer: bytes) -> str:
    """Return which column of the record says another thing than its answer."""
    said = json.loads(answer)
    columns = {
        "outcome": (row.outcome, said["outcome"]),
        "score": (row.score, said["score"]),
        "reasons": (row.reasons, said["reasons"]),
        "apply_again_on": (
            row.apply_again_on and row.apply_again_on.isoformat(),
            said["apply_again_on"],
        ),
    }
    wrong = [name for name, (kept, told) in columns.items() if kept != told]
    return f"{', '.join(wrong)} differs from its answer" if wrong else ""
