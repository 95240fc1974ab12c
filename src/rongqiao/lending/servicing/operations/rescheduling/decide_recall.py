"""Another person decides on a recall; approved it is noticed, and its days of grace begin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.lending.servicing.events import LoanRecallNoticed
from rongqiao.lending.servicing.models.amending.recalls import Recall
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.rescheduling.deciding import (
    acting,
    bring_up_live,
    refuse_same_person,
)
from rongqiao.lending.servicing.operations.rescheduling.recalling import (
    DECIDERS,
    PROPOSERS,
    NotYourRecall,
    RecallNotStanding,
    locked_recall,
)
from rongqiao.lending.servicing.queries.amending.recalls import recall_quote
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class DecideRecall:
    """`word` is `approve`, `decline`, or the proposer's own `withdraw`."""

    recall_id: UUID
    word: str


@dataclass(frozen=True, kw_only=True)
class RecallDecided:
    """Where the recall stands now, and the day it names."""

    recall_id: UUID
    state: str
    falls_on: date | None


_STATE_OF = {"approve": "noticed", "decline": "declined", "withdraw": "withdrawn"}


@operation("servicing.decide-recall", restore=RecallDecided)
def decide_recall(command: DecideRecall, call: Call) -> RecallDecided:
    """Decide on it; approved, the borrower is told today and the days of grace are counted.

    Raises NotFound, ChangeRoleNeeded, ChangeOwnAffair, NotYourRecall, ChangeSecondPersonNeeded,
    RecallNotStanding, AlreadyPaid, LoanNotRecallable.
    """
    recall, loan = locked_recall(command.recall_id)
    _check_person(recall, loan, command.word, call)
    if recall.state != "waiting":
        raise RecallNotStanding(state=recall.state)
    recall.state = _STATE_OF[command.word]
    recall.decided_by, recall.decided_at, recall.decided_on = call.actor, call.at, call.on
    if recall.state == "noticed":
        _notice(recall, loan, call)
    recall.save(update_fields=["state", "decided_by", "decided_at", "decided_on", "falls_on"])
    return RecallDecided(recall_id=recall.pk, state=recall.state, falls_on=recall.falls_on)


def _check_person(recall: Recall, loan: Loan, word: str, call: Call) -> None:
    if word == "withdraw":
        acting(call, loan.party_id, PROPOSERS)
        if recall.proposed_by != call.actor:
            raise NotYourRecall
        return
    refuse_same_person(recall, acting(call, loan.party_id, DECIDERS))


def _notice(recall: Recall, loan: Loan, call: Call) -> None:
    bring_up_live(loan)
    quote = recall_quote(loan, recall.cause, recall.grace_days, call.on)
    recall.falls_on = quote.falls_on
    publish(
        LoanRecallNoticed(
            loan_id=loan.pk,
            party_id=loan.party_id,
            agreement_id=loan.agreement_id,
            drawing_id=loan.drawing_id,
            cause=recall.cause,
            falls_on=quote.falls_on,
            total=quote.total,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
