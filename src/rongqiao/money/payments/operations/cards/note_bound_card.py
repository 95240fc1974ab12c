"""The bank has bound a card after its same-name check, or refused it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import BoundCard, CardState
from rongqiao.money.payments.queries.cards import TABLE
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound

LONGEST_REASON = 60


@dataclass(frozen=True, kw_only=True)
class NoteBoundCard:
    """The bank's token and last four digits; or, refused, its reason's code and neither."""

    bank_account_id: UUID
    last4: str = ""
    reason: str = ""
    card_token: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class BoundCardNoted:
    """How the card stands; an answer to a card no longer pending changes nothing."""

    bank_account_id: UUID
    state: str


@operation("payments.note_bound_card", restore=BoundCardNoted)
def note_bound_card(command: NoteBoundCard, call: Call) -> BoundCardNoted:
    """Bind or refuse a pending card; its 24 hours begin now. Raises NotFound."""
    assert bool(command.card_token) != bool(command.reason), command.bank_account_id
    row = BoundCard.objects.select_for_update().filter(pk=command.bank_account_id).first()
    if row is None:
        raise NotFound(what="card")
    if row.state != CardState.PENDING:
        return BoundCardNoted(bank_account_id=row.pk, state=row.state)
    if command.reason:
        row.state, row.reason = CardState.REFUSED, command.reason[:LONGEST_REASON]
    else:
        row.state, row.last4, row.bound_at = CardState.BOUND, command.last4, call.at
        row.card_token_sealed = encrypt(
            command.card_token, table=TABLE, column="card_token_sealed", row=row.pk
        )
    row.save()
    return BoundCardNoted(bank_account_id=row.pk, state=row.state)
