"""Propose to call back a loan in breach; another person decides, and a notice goes before."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.amending.recalls import CAUSES, Recall
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    acting,
    bring_up_live,
    locked_loan,
)
from rongqiao.lending.servicing.operations.rescheduling.recalling import (
    LONGEST_EVIDENCE,
    LONGEST_REASON,
    PROPOSERS,
    checked_words,
)
from rongqiao.lending.servicing.queries.amending.recalls import (
    RecallUnknown,
    is_recall_standing,
    recall_quote,
)
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal


class RecallStands(Refusal):
    """A recall of the loan waits for its second person or for its day."""

    code = "servicing.recall-stands"


@dataclass(frozen=True, kw_only=True)
class ProposeRecall:
    """`cause` is `overdue` or `misuse`, shown by the paper numbered `evidence`.

    `grace_days` lie between the notice and the day on which all falls due.
    """

    loan_id: UUID
    cause: str
    grace_days: int
    evidence: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecallProposed:
    """The recall that waits, and what would fall due by it as things stand."""

    recall_id: UUID
    loan_id: UUID
    total: Money


@operation("servicing.propose-recall", restore=RecallProposed)
def propose_recall(command: ProposeRecall, call: Call) -> RecallProposed:
    """Put the proposal down; nobody is told before another person agrees.

    Raises NotFound, AlreadyPaid, ChangeRoleNeeded, ChangeOwnAffair, RecallUnknown,
    RecallWordsNeeded, RecallStands, LoanNotRecallable.
    """
    loan = locked_loan(command.loan_id)
    acting(call, loan.party_id, PROPOSERS)
    bring_up_live(loan)
    if command.cause not in CAUSES:
        raise RecallUnknown(field="cause", value=command.cause, allowed=", ".join(CAUSES))
    evidence = checked_words("evidence", command.evidence, LONGEST_EVIDENCE)
    reason = checked_words("reason", command.reason, LONGEST_REASON)
    if is_recall_standing(loan.pk):
        raise RecallStands(number=loan.number)
    quote = recall_quote(loan, command.cause, command.grace_days, call.on)
    recall = Recall.objects.create(
        id=new_id(call.at),
        loan=loan,
        cause=command.cause,
        evidence=evidence,
        reason=reason,
        grace_days=command.grace_days,
        proposed_by=call.actor,
        proposed_at=call.at,
        proposed_on=call.on,
    )
    return RecallProposed(recall_id=recall.pk, loan_id=loan.pk, total=quote.total)
