"""A party took a bank account off its list: its card takes part in nothing any more."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import BoundCard, CardState, DebitMandate
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class CloseCard:
    """Which one."""

    bank_account_id: UUID


@dataclass(frozen=True, kw_only=True)
class CardClosed:
    """Whether there was one to close."""

    bank_account_id: UUID
    was_open: bool


@operation("payments.close_card", restore=CardClosed)
def close_card(command: CloseCard, call: Call) -> CardClosed:
    """Close the card and withdraw its mandate; orders not sent yet are cancelled at sending."""
    closed = (
        BoundCard.objects.filter(pk=command.bank_account_id)
        .exclude(state=CardState.CLOSED)
        .update(state=CardState.CLOSED, closed_at=call.at)
    )
    DebitMandate.objects.filter(bank_account_id=command.bank_account_id, withdrawn_at=None).update(
        withdrawn_by=call.actor, withdrawn_at=call.at
    )
    return CardClosed(bank_account_id=command.bank_account_id, was_open=bool(closed))
