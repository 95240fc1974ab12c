"""A finance officer proposes how a break is mended; nothing moves before another approves."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.reconciling import BreakState, Mend
from rongqiao.money.payments.operations.mending.refusals import MendParty
from rongqiao.money.payments.operations.mending.working import case_in_hand, fitting, in_state
from rongqiao.money.payments.operations.reconciling.cases import note_step
from rongqiao.money.payments.operations.two_people import checked_reason, refuse_own_affair
from rongqiao.money.payments.queries.mending import credits_for
from rongqiao.parties.queries import get_party
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ProposeMend:
    """Which break, which mend and why.

    `party_id`: to whom money in suspense belongs (assign-to-party). `journal`: which journal to
    reverse, where the movement was booked by hand (correct-by-reversal).
    """

    break_id: UUID
    mend: str
    reason: str
    party_id: UUID | None = None
    journal: int | None = None


@dataclass(frozen=True, kw_only=True)
class MendProposed:
    """The case another officer has to look at."""

    break_id: UUID
    number: str


@operation("payments.propose_mend", restore=MendProposed)
def propose_mend(command: ProposeMend, call: Call) -> MendProposed:
    """Propose a mend that fits; who proposes takes an open case over.

    Raises FinanceOfficerNeeded, OwnAffair, BreakNotOpen, ReasonNeeded, MendUnfit, MendParty,
    NotFound.
    """
    case, officer = case_in_hand(command.break_id, call)
    in_state(case, BreakState.OPEN, BreakState.ASSIGNED)
    reason = checked_reason(command.reason)
    fitting(case, command.mend)
    case.mend_party = None
    if command.mend == Mend.ASSIGN_TO_PARTY:
        if command.party_id is None:
            raise MendParty(field="party_id")
        case.mend_party = get_party(command.party_id).id
        refuse_own_affair(officer, case.mend_party)
    before, case.state = case.state, BreakState.PROPOSED
    case.mend, case.reason, case.mend_journal = command.mend, reason, command.journal
    case.maker, case.proposed_at = call.actor, call.at
    case.assignee = case.assignee or call.actor
    if command.mend == Mend.OFFSET_BY_CREDIT:
        case.counterpart = f"break:{credits_for(case)[0].pk}"
    case.save()
    note_step(case, before, call, note=reason)
    return MendProposed(break_id=case.pk, number=case.number)
