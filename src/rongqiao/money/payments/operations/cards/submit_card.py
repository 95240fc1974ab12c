"""A party's new bank account goes to the bank, to be bound after its same-name check."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import BoundCard, CardState
from rongqiao.platform import jobs
from rongqiao.platform.operations import Call, operation

BIND = "payments.bind_card"


@dataclass(frozen=True, kw_only=True)
class SubmitCard:
    """Which bank account of which party."""

    party_id: UUID
    bank_account_id: UUID


@dataclass(frozen=True, kw_only=True)
class CardSubmitted:
    """Whether it is new: one submitted before is left alone."""

    bank_account_id: UUID
    is_new: bool


@operation("payments.submit_card", restore=CardSubmitted)
def submit_card(command: SubmitCard, call: Call) -> CardSubmitted:
    """Note the card as pending and have the bank asked."""
    _row, is_new = BoundCard.objects.get_or_create(
        bank_account_id=command.bank_account_id,
        defaults={
            "party_id": command.party_id,
            "state": CardState.PENDING,
            "requested_at": call.at,
        },
    )
    if is_new:
        jobs.enqueue(BIND, bank_account_id=str(command.bank_account_id))
    return CardSubmitted(bank_account_id=command.bank_account_id, is_new=is_new)
