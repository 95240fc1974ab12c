"""A finance officer wants a mend taken back; another one has to agree."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.reconciling import BreakState, Mend
from rongqiao.money.payments.operations.mending.carrying_out import is_own_posting
from rongqiao.money.payments.operations.mending.refusals import BreakNotOpen, MendNotUndoable
from rongqiao.money.payments.operations.mending.working import case_in_hand, in_state
from rongqiao.money.payments.operations.reconciling.cases import note_step
from rongqiao.money.payments.operations.two_people import checked_reason
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ProposeUndo:
    """Which resolved break, and why its mend was wrong."""

    break_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class UndoProposed:
    """The case another officer has to look at."""

    break_id: UUID
    number: str


@operation("payments.propose_undo", restore=UndoProposed)
def propose_undo(command: ProposeUndo, call: Call) -> UndoProposed:
    """Propose to reverse a mend's journal, or to open a case closed as explained.

    What became an order, a receipt or a reversal is not undone here. Raises
    FinanceOfficerNeeded, OwnAffair, BreakNotOpen, MendNotUndoable, ReasonNeeded, NotFound.
    """
    case, _ = case_in_hand(command.break_id, call)
    in_state(case, BreakState.RESOLVED)
    reason = checked_reason(command.reason)
    if case.undo_maker:
        raise BreakNotOpen(state=case.state)
    if case.mend != Mend.CLOSE_EXPLAINED and not is_own_posting(case):
        raise MendNotUndoable
    case.undo_maker, case.undo_reason = call.actor, reason
    case.save(update_fields=["undo_maker", "undo_reason"])
    note_step(case, case.state, call, note=reason)
    return UndoProposed(break_id=case.pk, number=case.number)
