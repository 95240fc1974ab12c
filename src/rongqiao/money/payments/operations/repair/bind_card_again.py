"""Have the bank asked again to bind a card that is still pending."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import BoundCard, CardState
from rongqiao.money.payments.operations.cards.submit_card import BIND
from rongqiao.money.payments.operations.repair.steps import StepTaken, officer_with_reason
from rongqiao.money.payments.operations.two_people import NotOpen, refuse_own_affair
from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class BindCardAgain:
    """Which bank account, and why."""

    bank_account_id: UUID
    reason: str


@operation("payments.bind_card_again", restore=StepTaken)
def bind_card_again(command: BindCardAgain, call: Call) -> StepTaken:
    """Put the binding in the queue again.

    Raises FinanceOfficerNeeded, ReasonNeeded, OwnAffair, NotOpen, NotFound.
    """
    officer = officer_with_reason(command.reason, call)
    card = BoundCard.objects.filter(pk=command.bank_account_id).first()
    if card is None:
        raise NotFound(what="card")
    refuse_own_affair(officer, card.party_id)
    if card.state != CardState.PENDING:
        raise NotOpen(state=card.state)
    jobs.enqueue(BIND, bank_account_id=str(card.pk))
    return StepTaken(number=str(card.pk))
