"""A second finance officer sends a proposed mend, or the undoing of one, back with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.reconciling import BreakState
from rongqiao.money.payments.operations.mending.refusals import BreakNotOpen
from rongqiao.money.payments.operations.mending.working import case_in_hand, refuse_same_person
from rongqiao.money.payments.operations.reconciling.cases import note_step
from rongqiao.money.payments.operations.two_people import checked_reason
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class SendBackMend:
    """Which break and why."""

    break_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class MendSentBack:
    """The case and its state."""

    break_id: UUID
    number: str
    state: str


@operation("payments.send_back_mend", restore=MendSentBack)
def send_back_mend(command: SendBackMend, call: Call) -> MendSentBack:
    """Give the case back to its assignee, or keep a mend that somebody wanted undone.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, BreakNotOpen, ReasonNeeded,
    NotFound.
    """
    case, officer = case_in_hand(command.break_id, call)
    reason, before = checked_reason(command.reason), case.state
    if case.state == BreakState.PROPOSED:
        refuse_same_person(case.maker, officer, call)
        case.state = BreakState.ASSIGNED
        case.mend, case.maker, case.proposed_at, case.reason = "", "", None, ""
        case.mend_party, case.mend_journal = None, None
    elif case.undo_maker:
        refuse_same_person(case.undo_maker, officer, call)
        case.undo_maker = case.undo_reason = ""
    else:
        raise BreakNotOpen(state=case.state)
    case.save()
    note_step(case, before, call, note=reason)
    return MendSentBack(break_id=case.pk, number=case.number, state=case.state)
