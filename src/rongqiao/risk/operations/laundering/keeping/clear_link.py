"""An officer says that a link between two parties does not count, or takes that back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.laundering.keeping import ClearedLink, ClearingGround
from rongqiao.risk.operations.laundering.officers import (
    NotInThisState,
    acting,
    reason_given,
    sealed,
)
from rongqiao.risk.queries.laundering.links import REASONS, word_on


@dataclass(frozen=True, kw_only=True)
class ClearLink:
    """`word` is `no-link`, `namesake` (money came from another of that name), or `restore`.

    `reasons` are those that link the two now: another one will link them again.
    """

    party_id: UUID
    other_id: UUID
    word: str
    reasons: tuple[str, ...]
    reason: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class LinkCleared:
    """Whether the link is cleared now."""

    is_cleared: bool


@operation("risk.laundering.clear_link", restore=LinkCleared)
def clear_link(command: ClearLink, call: Call) -> LinkCleared:
    """Keep the word; the latest counts. Raises NotFound, ReasonNeeded, NotInThisState."""
    acting(call, command.party_id, command.other_id)
    is_cleared = command.word in ClearingGround.values
    if not is_cleared and command.word != "restore":
        raise NotFound
    if not command.reasons or not set(command.reasons) <= REASONS:
        raise NotFound
    reason = reason_given(command.reason)
    # Two officers at once: the second waits, and reads what the first said.
    with connection.cursor() as cursor:
        pair = ":".join(sorted((str(command.party_id), str(command.other_id))))
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [pair])
    before = word_on(command.party_id, command.other_id)
    if not is_cleared and (before is None or not before.is_cleared):
        raise NotInThisState(state="linked")
    row_id = new_id(call.at)
    ClearedLink.objects.create(
        id=row_id,
        party_id=command.party_id,
        other_id=command.other_id,
        number=before.number + 1 if before else 1,
        reasons=sorted(set(command.reasons)),
        is_cleared=is_cleared,
        ground=command.word if is_cleared or before is None else before.ground,
        reason_sealed=sealed(reason, "clearedlink", "reason_sealed", row_id),
        cleared_by=call.actor,
        cleared_at=call.at,
    )
    return LinkCleared(is_cleared=is_cleared)
