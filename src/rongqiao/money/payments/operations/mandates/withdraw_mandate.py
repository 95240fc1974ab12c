"""A party takes back its leave to collect; debits at the bank already run to their end."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.money.payments.models.orders import DebitMandate
from rongqiao.money.payments.operations.cards.usable import acting_for_party
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class WithdrawMandate:
    """Which mandate of which party."""

    party_id: UUID
    mandate_id: UUID


@dataclass(frozen=True, kw_only=True)
class MandateWithdrawn:
    """The mandate that is over."""

    mandate_id: UUID


@operation("payments.withdraw_mandate", restore=MandateWithdrawn)
def withdraw_mandate(command: WithdrawMandate, call: Call) -> MandateWithdrawn:
    """End a mandate; its row stays on record. Raises NotFound."""
    acting_for_party(call, command.party_id)
    ended = DebitMandate.objects.filter(
        pk=command.mandate_id, party_id=command.party_id, withdrawn_at=None
    ).update(withdrawn_by=call.actor, withdrawn_at=call.at)
    if not ended:
        raise NotFound(what="mandate")
    return MandateWithdrawn(mandate_id=command.mandate_id)
