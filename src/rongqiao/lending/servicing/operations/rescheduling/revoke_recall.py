"""Take a noticed recall back before its day: the plan stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.servicing.events import LoanRecallEnded
from rongqiao.lending.servicing.operations.rescheduling.deciding import acting
from rongqiao.lending.servicing.operations.rescheduling.recalling import (
    DECIDERS,
    LONGEST_REASON,
    PROPOSERS,
    RecallNotStanding,
    checked_words,
    locked_recall,
)
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class RevokeRecall:
    """The noticed recall that is given up, and why."""

    recall_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecallRevoked:
    """The recall that stands no more."""

    recall_id: UUID
    loan_id: UUID


@operation("servicing.revoke-recall", restore=RecallRevoked)
def revoke_recall(command: RevokeRecall, call: Call) -> RecallRevoked:
    """Give it up; one person is enough, for it is in the borrower's favour.

    Raises NotFound, ChangeRoleNeeded, ChangeOwnAffair, RecallWordsNeeded, RecallNotStanding.
    """
    recall, loan = locked_recall(command.recall_id)
    acting(call, loan.party_id, (*PROPOSERS, *DECIDERS))
    reason = checked_words("reason", command.reason, LONGEST_REASON)
    if recall.state != "noticed":
        raise RecallNotStanding(state=recall.state)
    recall.state, recall.ended_by, recall.ended_on = "revoked", call.actor, call.on
    recall.ended_because = reason
    recall.save(update_fields=["state", "ended_by", "ended_on", "ended_because"])
    publish(
        LoanRecallEnded(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return RecallRevoked(recall_id=recall.pk, loan_id=loan.pk)
