"""An officer takes a case, writes what was found out, and proposes how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.laundering.casework import CaseState, LaunderingCase
from rongqiao.risk.operations.laundering.notes import add_note
from rongqiao.risk.operations.laundering.officers import (
    NotInThisState,
    acting,
    reason_given,
    sealed,
)

# From which states each word leads on.
_FROM = {
    "take": (CaseState.OPEN, CaseState.TAKEN),
    "note": (CaseState.TAKEN, CaseState.ESCALATED),
    "report": (CaseState.TAKEN,),
    "close": (CaseState.TAKEN,),
}


@dataclass(frozen=True, kw_only=True)
class WorkCase:
    """`word` is `take`, `note`, or the end that is proposed: `report` or `close`."""

    case_id: UUID
    word: str
    text: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class CaseWorked:
    """Where the case stands."""

    state: str


@operation("risk.laundering.work_case", restore=CaseWorked)
def work_case(command: WorkCase, call: Call) -> CaseWorked:
    """Do it; what is proposed waits for another officer. Raises NotFound, NotInThisState,
    ReasonNeeded.
    """
    case = LaunderingCase.objects.select_for_update().filter(pk=command.case_id).first()
    if case is None or command.word not in _FROM:
        raise NotFound
    acting(call, case.party_id)
    if case.state not in _FROM[command.word]:
        raise NotInThisState(state=case.state)
    if command.word == "take":
        case.state, case.officer = CaseState.TAKEN, call.actor
        add_note(case, "taken", "", call)
    elif command.word == "note":
        add_note(case, "note", reason_given(command.text, "text"), call)
    else:
        reasons = reason_given(command.text, "text")
        case.state, case.proposed = CaseState.ESCALATED, command.word
        case.proposed_by, case.proposed_at = call.actor, call.at
        case.reasons_sealed = sealed(reasons, "launderingcase", "reasons_sealed", case.pk)
        add_note(case, "proposed", reasons, call)
    case.save()
    return CaseWorked(state=case.state)
