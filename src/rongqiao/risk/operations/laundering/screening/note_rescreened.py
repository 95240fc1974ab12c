"""Say that customers were screened against what a version of a list brought."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.models.laundering.casework import ListVersion


@dataclass(frozen=True, kw_only=True)
class NoteRescreened:
    """Which version."""

    version_id: UUID


@dataclass(frozen=True, kw_only=True)
class Rescreened:
    """Whether it had been waiting."""

    was_waiting: bool


@operation("risk.laundering.note_rescreened", restore=Rescreened)
def note_rescreened(command: NoteRescreened, call: Call) -> Rescreened:
    """Note the instant; once."""
    waiting = ListVersion.objects.filter(pk=command.version_id, rescreened_at=None)
    return Rescreened(was_waiting=bool(waiting.update(rescreened_at=call.at)))
