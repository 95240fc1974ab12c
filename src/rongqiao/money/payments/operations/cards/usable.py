"""Which card money may go through: bound by the bank, and for paying out old enough."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import BoundCard, CardState
from rongqiao.money.payments.queries.cards import CARD_HOLD, card_token, cards_changed_at
from rongqiao.parties.queries import Payee, acts_for, get_payee, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class CardNotBound(Refusal):
    """The bank has not bound the card yet, or refused it. Facts: `state`, `reason`."""

    kind, code = Kind.CONFLICT, "payments.card-not-bound"


class CardTooNew(Refusal):
    """Nothing is paid out to a card bound less than 24 hours ago. Fact: `from`, when it opens."""

    kind, code = Kind.CONFLICT, "payments.card-too-new"


class CardSwapped(Refusal):
    """Nothing is paid out for 24 hours after a card was taken off. Fact: `from`, when it opens."""

    kind, code = Kind.CONFLICT, "payments.card-swapped"


@dataclass(frozen=True, kw_only=True)
class UsableCard:
    """A card in full, as it is frozen in an order."""

    payee: Payee
    token: str


def acting_for_party(call: Call, party_id: UUID) -> None:
    """Refuse whoever does not act for the party. Raises NotFound."""
    user_id = user_of(call.actor)
    if user_id is None or not acts_for(user_id, party_id):
        raise NotFound(what="party")


def usable_card(party_id: UUID, bank_account_id: UUID) -> UsableCard:
    """Return the party's own card, bound. Raises NotFound, CardNotBound.

    The row stays locked to the end of the operation, so that it is not closed in between.
    """
    payee = get_payee(bank_account_id, party_id)
    row = BoundCard.objects.select_for_update().filter(pk=bank_account_id).first()
    if row is None or row.state != CardState.BOUND:
        state, reason = (row.state, row.reason) if row else (CardState.PENDING, "")
        raise CardNotBound(state=state, reason=reason)
    return UsableCard(payee=payee, token=card_token(row))


def refuse_new_card(party_id: UUID, bank_account_id: UUID, call: Call) -> None:
    """Hold money back for 24 hours from a new card. Raises CardTooNew, CardSwapped."""
    row = BoundCard.objects.get(pk=bank_account_id)
    assert row.bound_at is not None, row.state
    if call.at < row.bound_at + CARD_HOLD:
        raise CardTooNew(**{"from": (row.bound_at + CARD_HOLD).isoformat()})
    swapped = cards_changed_at(party_id)
    if swapped is not None and call.at < swapped + CARD_HOLD:
        raise CardSwapped(**{"from": (swapped + CARD_HOLD).isoformat()})
