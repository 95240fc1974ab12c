"""Put an attribute on the black, grey or white list, until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.fraud.attributes import LISTABLE, Unreadable
from rongqiao.risk.models.fraud import STANDINGS, TWO_PERSON, ListEntry
from rongqiao.risk.operations.fraud.acting import acting, read_reason
from rongqiao.risk.queries.watching.marks import Mark, hint_of, mark

# Nobody stays on a list without somebody looking again.
LONGEST = timedelta(days=3 * 365)


class ValueUnreadable(Refusal):
    """The value has no normal form of its kind, or the kind cannot be listed; fact: `kind`."""

    kind, code = Kind.INVALID, "fraud.value-unreadable"


class DaysUnfit(Refusal):
    """The entry would end before it begins, or last too long; fact: `allowed`."""

    kind, code = Kind.INVALID, "fraud.days-unfit"


class AlreadyListed(Refusal):
    """The value stands on this list, or waits to."""

    kind, code = Kind.CONFLICT, "fraud.already-listed"


@dataclass(frozen=True, kw_only=True)
class AddEntry:
    """Which list, what, why and until when; `index` for a digest seen on a page."""

    standing: str
    kind: str
    reason: str
    until_on: date
    value: str = sensitive(default="")
    index: str = ""


@dataclass(frozen=True, kw_only=True)
class EntryAdded:
    """The entry: in force at once if grey, else it waits for a second person."""

    entry_id: UUID
    state: str


@operation("risk.add-entry", restore=EntryAdded)
def add_entry(command: AddEntry, call: Call) -> EntryAdded:
    """Add the entry.

    Raises FraudRoleNeeded, FraudReasonNeeded, ValueUnreadable, DaysUnfit, AlreadyListed.
    """
    acting(call)
    assert command.standing in STANDINGS, command.standing
    found, hint = _read(command)
    reason = read_reason(command.reason)
    if not call.on <= command.until_on <= call.on + LONGEST:
        raise DaysUnfit(field="until_on", allowed=f"{call.on} - {call.on + LONGEST}")
    entry = ListEntry(
        id=new_id(call.at),
        standing=command.standing,
        kind=found.kind,
        index=found.raw,
        hint=hint,
        reason=reason,
        from_on=call.on,
        until_on=command.until_on,
        state="waiting" if command.standing in TWO_PERSON else "in-force",
        added_by=call.actor,
        added_at=call.at,
    )
    _end_what_ran_out(entry, call)
    ListEntry.objects.bulk_create([entry], ignore_conflicts=True)
    if not ListEntry.objects.filter(pk=entry.pk).exists():
        raise AlreadyListed(field="value")
    return EntryAdded(entry_id=entry.pk, state=entry.state)


def _read(command: AddEntry) -> tuple[Mark, str]:
    if command.kind not in set(LISTABLE):
        raise ValueUnreadable(field="kind", kind=command.kind)
    if command.index:
        if len(command.index) != 64 or set(command.index) - set("0123456789abcdef"):
            raise ValueUnreadable(field="value", kind=command.kind)
        return Mark(command.kind, command.index), f"…{command.index[:8]}"
    try:
        return mark(command.kind, command.value), hint_of(command.kind, command.value)
    except Unreadable:
        raise ValueUnreadable(field="value", kind=command.kind) from None


def _end_what_ran_out(entry: ListEntry, call: Call) -> None:
    """An entry whose day has passed makes room for the next one."""
    ListEntry.objects.filter(
        kind=entry.kind,
        index=entry.index,
        standing=entry.standing,
        state__in=["waiting", "in-force"],
        until_on__lt=call.on,
    ).update(state="ended", ended_by=call.actor, ended_at=call.at, ended_because="expired")
