"""Another finance officer confirms a proposed accounting code, or rejects it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.ledger.closing import CodeMapping
from rongqiao.money.ledger.operations.closing.codes.propose_mapping import (
    EffectiveDateRefused,
    MappingMoved,
)
from rongqiao.money.ledger.operations.closing.officers import (
    NotWaiting,
    checked_words,
    second_officer,
)
from rongqiao.money.ledger.queries.periods import closed_through
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class DecideMapping:
    """Which proposal; `is_confirmed` False rejects it, and then says why."""

    mapping_id: UUID
    is_confirmed: bool = True
    reason: str = ""


@operation("ledger.decide-mapping", restore=MappingMoved)
def decide_mapping(command: DecideMapping, call: Call) -> MappingMoved:
    """Put a code in force from its date on, or drop the proposal.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, NotFound, NotWaiting, ReasonNeeded,
    EffectiveDateRefused (the month was closed meanwhile).
    """
    row = CodeMapping.objects.select_for_update().filter(pk=command.mapping_id).first()
    if row is None:
        raise NotFound(what="mapping")
    if row.state != CodeMapping.State.PROPOSED:
        raise NotWaiting(state=row.state)
    second_officer(row.proposed_by, call)
    if command.is_confirmed:
        _refuse_a_closed_month(row)
        row.state = CodeMapping.State.CONFIRMED
    else:
        row.state, row.note = CodeMapping.State.REJECTED, checked_words(command.reason)
    row.decided_by, row.decided_at = call.actor, call.at
    row.save()
    return MappingMoved(mapping_id=row.pk, state=row.state)


def _refuse_a_closed_month(row: CodeMapping) -> None:
    through = closed_through()
    if through and row.effective_on <= through:
        raise EffectiveDateRefused(
            field="effective_on",
            value=row.effective_on.isoformat(),
            allowed=f"> {through.isoformat()}",
        )
