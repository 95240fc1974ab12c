"""What the steps of a recall share: who may, the loan it is of, and its words."""

from __future__ import annotations

from uuid import UUID

from rongqiao.lending.servicing.models.amending.recalls import Recall
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.rescheduling.deciding import locked_loan
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

# Calling a loan back is a credit decision, proposed also by those who see the breach.
PROPOSERS = (Role.REVIEWER, Role.OPERATOR, Role.COLLECTOR)
DECIDERS = (Role.APPROVER,)
LONGEST_REASON, LONGEST_EVIDENCE = 200, 80


class RecallWordsNeeded(Refusal):
    """A recall names its evidence and a reason; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "servicing.recall-words-needed"


class RecallNotStanding(Refusal):
    """The recall was decided, withdrawn or carried out before; fact: `state`."""

    code = "servicing.recall-not-standing"


class NotYourRecall(Refusal):
    """Only the proposer takes a proposal back."""

    kind, code = Kind.FORBIDDEN, "servicing.not-your-recall"


def locked_recall(recall_id: UUID) -> tuple[Recall, Loan]:
    """Return a recall and its loan, locked. Raises NotFound."""
    found = Recall.objects.filter(pk=recall_id).values_list("loan_id", flat=True).first()
    if found is None:
        raise NotFound(what="recall")
    loan = locked_loan(found)
    return Recall.objects.get(pk=recall_id), loan


def checked_words(field: str, given: str, longest: int) -> str:
    """Return words without superfluous blanks. Raises RecallWordsNeeded."""
    words = " ".join(given.split())
    if not 0 < len(words) <= longest:
        raise RecallWordsNeeded(field=field, allowed=f"1 - {longest}")
    return words
