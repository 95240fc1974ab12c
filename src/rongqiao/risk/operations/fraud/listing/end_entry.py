"""Take an entry off its list before its day: black and white ones by another person's hand."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.risk.models.fraud import TWO_PERSON, ListEntry
from rongqiao.risk.operations.fraud.acting import acting, read_reason, refuse_same_person


class EntryNotInForce(Refusal):
    """The entry is not in force; fact: `state`."""

    kind, code = Kind.CONFLICT, "fraud.entry-not-in-force"


@dataclass(frozen=True, kw_only=True)
class EndEntry:
    """Which entry, and why."""

    entry_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class EntryEnded:
    """The entry that is over."""

    entry_id: UUID


@operation("risk.end-entry", restore=EntryEnded)
def end_entry(command: EndEntry, call: Call) -> EntryEnded:
    """End it now.

    Raises NotFound, FraudRoleNeeded, FraudReasonNeeded, EntryNotInForce, FraudSecondPersonNeeded.
    """
    user_id = acting(call)
    reason = read_reason(command.reason)
    entry = ListEntry.objects.select_for_update().filter(pk=command.entry_id).first()
    if entry is None:
        raise NotFound(what="list-entry")
    if entry.state != "in-force":
        raise EntryNotInForce(state=entry.state)
    if entry.standing in TWO_PERSON:
        refuse_same_person(entry.added_by, user_id)
    entry.state, entry.ended_by, entry.ended_at = "ended", call.actor, call.at
    entry.ended_because = reason
    entry.save(update_fields=["state", "ended_by", "ended_at", "ended_because"])
    return EntryEnded(entry_id=entry.pk)
