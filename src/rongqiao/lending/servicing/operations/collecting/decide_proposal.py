"""Another person decides what was proposed for a case; the proposer may take it back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.models.collecting import CaseProposal
from rongqiao.lending.servicing.operations.collecting.acting import (
    acting_staff,
    are_one_person,
    locked_case,
)
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role


class NotWaiting(Refusal):
    """The proposal has been decided or its date is over; fact: `number`."""

    code = "collecting.not-waiting"


class SecondPersonNeeded(Refusal):
    """Whoever proposed does not decide, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "collecting.second-person-needed"


class NotYourProposal(Refusal):
    """Only the proposer takes a proposal back."""

    kind, code = Kind.FORBIDDEN, "collecting.not-your-proposal"


@dataclass(frozen=True, kw_only=True)
class DecideProposal:
    """`word` is `approve`, `decline`, or the proposer's own `withdraw`."""

    proposal_id: UUID
    word: str


@dataclass(frozen=True, kw_only=True)
class ProposalDecided:
    """The proposal's state, and its case's."""

    proposal_id: UUID
    state: str
    case_state: str


STATE_OF = {"approve": "approved", "decline": "declined", "withdraw": "withdrawn"}


@operation("servicing.decide-case-proposal", restore=ProposalDecided)
def decide_proposal(command: DecideProposal, call: Call) -> ProposalDecided:
    """Decide it; an approved hand-over leaves the case with the firm, in nobody's queue here.

    Raises RoleNeeded, NotFound, OwnAffair, CaseClosed, NotWaiting, SecondPersonNeeded,
    NotYourProposal.
    """
    user_id = acting_staff(call, Role.COLLECTOR, Role.OPERATOR)
    found = CaseProposal.objects.filter(pk=command.proposal_id).first()
    if found is None:
        raise NotFound(what="proposal")
    case = locked_case(found.case_id, user_id)
    row = CaseProposal.objects.select_for_update().get(pk=found.pk)
    is_over = row.pay_by is not None and row.pay_by < call.on
    if row.state != "waiting" or (is_over and command.word == "approve"):
        raise NotWaiting(number=row.number)
    if command.word == "withdraw":
        if row.proposed_by != user_id:
            raise NotYourProposal
    elif are_one_person(row.proposed_by, user_id):
        raise SecondPersonNeeded
    row.state, row.decided_by, row.decided_at = STATE_OF[command.word], user_id, call.at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    if row.state == "approved" and row.kind != "settlement":
        case.state, case.collector_id, case.handed_to = "handed-over", None, row.firm
        case.save(update_fields=["state", "collector_id", "handed_to"])
    return ProposalDecided(proposal_id=row.pk, state=row.state, case_state=case.state)
