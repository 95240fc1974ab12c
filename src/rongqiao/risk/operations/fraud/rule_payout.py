"""Rule on a pay-out for bringing somebody: whoever pays asks first, and keeps to the answer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.events import PayoutRuled
from rongqiao.risk.models.fraud import PayoutRulingRecord
from rongqiao.risk.queries.fraud import payout_verdict


@dataclass(frozen=True, kw_only=True)
class RulePayout:
    """Which pay-out, to whom (`referrer_id`), for bringing whom."""

    payout_id: UUID
    referrer_id: UUID
    referee_id: UUID


@dataclass(frozen=True, kw_only=True)
class PayoutAnswer:
    """`allow`, `hold` (ask again later) or `refuse`, and the codes of the grounds."""

    ruling: str
    why: tuple[str, ...]


@operation("risk.rule-payout", restore=PayoutAnswer)
def rule_payout(command: RulePayout, call: Call) -> PayoutAnswer:
    """Rule, keep the ruling with its grounds, and tell PayoutRuled."""
    said = payout_verdict(command.referrer_id, command.referee_id, call.at)
    PayoutRulingRecord.objects.create(
        id=new_id(call.at),
        payout_id=command.payout_id,
        referrer_id=command.referrer_id,
        referee_id=command.referee_id,
        ruling=said.ruling,
        why=[[one.code, one.found] for one in said.why],
        ruled_at=call.at,
    )
    publish(
        PayoutRuled(
            payout_id=command.payout_id,
            referrer_id=command.referrer_id,
            referee_id=command.referee_id,
            ruling=said.ruling,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return PayoutAnswer(ruling=said.ruling, why=tuple(one.code for one in said.why))
