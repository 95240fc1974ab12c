"""Note who brought whom: once, and never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.models.fraud import Referral


@dataclass(frozen=True, kw_only=True)
class Refer:
    """Both as parties."""

    referrer_id: UUID
    referee_id: UUID


@dataclass(frozen=True, kw_only=True)
class Referred:
    """Whom the referee counts as brought by: the first who was named."""

    referrer_id: UUID


@operation("risk.refer", restore=Referred)
def refer(command: Refer, call: Call) -> Referred:
    """Keep it; oneself and circles are kept as well, for a ruling to refuse."""
    row = Referral(
        referee_id=command.referee_id, referrer_id=command.referrer_id, referred_at=call.at
    )
    Referral.objects.bulk_create([row], ignore_conflicts=True)
    return Referred(referrer_id=Referral.objects.get(pk=command.referee_id).referrer_id)
