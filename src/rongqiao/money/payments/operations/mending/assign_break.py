"""Give a break to a finance officer to look into."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.reconciling import BreakState
from rongqiao.money.payments.operations.mending.working import (
    case_in_hand,
    in_state,
    refuse_if_involved,
)
from rongqiao.money.payments.operations.reconciling.cases import note_step
from rongqiao.money.payments.operations.two_people import FinanceOfficerNeeded
from rongqiao.parties.queries import roles_of
from rongqiao.platform.operations import Call, operation
from rongqiao.policies.roles import Role


@dataclass(frozen=True, kw_only=True)
class AssignBreak:
    """Which one, and to which user."""

    break_id: UUID
    user_id: UUID


@dataclass(frozen=True, kw_only=True)
class BreakAssigned:
    """The case and its state."""

    break_id: UUID
    number: str
    state: str


@operation("payments.assign_break", restore=BreakAssigned)
def assign_break(command: AssignBreak, call: Call) -> BreakAssigned:
    """Assign an open break, or hand an assigned one on.

    Raises FinanceOfficerNeeded, OwnAffair, BreakNotOpen, NotFound.
    """
    case, _ = case_in_hand(command.break_id, call)
    in_state(case, BreakState.OPEN, BreakState.ASSIGNED)
    if Role.FINANCE not in roles_of(command.user_id):
        raise FinanceOfficerNeeded
    refuse_if_involved(case, command.user_id)
    before, case.state = case.state, BreakState.ASSIGNED
    case.assignee = f"user:{command.user_id}"
    case.save(update_fields=["state", "assignee"])
    note_step(case, before, call)
    return BreakAssigned(break_id=case.pk, number=case.number, state=case.state)
