"""A second person puts a list entry in force, or declines it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.risk.models.fraud import ListEntry
from rongqiao.risk.operations.fraud.acting import acting, refuse_same_person


class EntryNotWaiting(Refusal):
    """The entry was decided on before; fact: `state`."""

    kind, code = Kind.CONFLICT, "fraud.entry-not-waiting"


@dataclass(frozen=True, kw_only=True)
class DecideEntry:
    """Which entry, and whether it comes into force."""

    entry_id: UUID
    is_confirmed: bool


@dataclass(frozen=True, kw_only=True)
class EntryDecided:
    """Where the entry stands."""

    entry_id: UUID
    state: str


@operation("risk.decide-entry", restore=EntryDecided)
def decide_entry(command: DecideEntry, call: Call) -> EntryDecided:
    """Decide. Raises NotFound, FraudRoleNeeded, EntryNotWaiting, FraudSecondPersonNeeded."""
    user_id = acting(call)
    entry = ListEntry.objects.select_for_update().filter(pk=command.entry_id).first()
    if entry is None:
        raise NotFound(what="list-entry")
    if entry.state != "waiting":
        raise EntryNotWaiting(state=entry.state)
    refuse_same_person(entry.added_by, user_id)
    entry.state = "in-force" if command.is_confirmed else "declined"
    entry.decided_by, entry.decided_at = call.actor, call.at
    entry.save(update_fields=["state", "decided_by", "decided_at"])
    return EntryDecided(entry_id=entry.pk, state=entry.state)
