"""Take an item that secures nothing out of the register: sold, lost, registered in error."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.collateral.models import Pledge
from rongqiao.lending.collateral.operations.acting import (
    KEEPERS,
    acting,
    check_not_own,
    checked_words,
    locked_item,
)
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Refusal


class CollateralInUse(Refusal):
    """A pledge stands or waits on the item."""

    code = "collateral.in-use"


@dataclass(frozen=True, kw_only=True)
class RetireCollateral:
    """Which item, and why."""

    collateral_id: UUID
    reason: str


@dataclass(frozen=True, kw_only=True)
class Retired:
    """The item that has left."""

    collateral_id: UUID


@operation("collateral.retire", restore=Retired)
def retire_collateral(command: RetireCollateral, call: Call) -> Retired:
    """Retire it; its history stays, and the same thing may be registered anew.

    Raises NotFound, CollateralRoleNeeded, CollateralOwnAffair, CollateralRetired, CollateralInUse,
    CollateralWordsNeeded.
    """
    user_id = acting(call, *KEEPERS)
    row = locked_item(command.collateral_id)
    check_not_own(user_id, row.party_id)
    reason = checked_words("reason", command.reason)
    if Pledge.objects.filter(collateral=row, state__in=["proposed", "agreed"]).exists():
        raise CollateralInUse
    row.retired_at, row.retired_by, row.retired_because = call.at, call.actor, reason
    row.save(update_fields=["retired_at", "retired_by", "retired_because"])
    return Retired(collateral_id=row.pk)
