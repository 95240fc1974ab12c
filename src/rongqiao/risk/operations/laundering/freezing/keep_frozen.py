"""Set aside what came into a frozen wallet meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.models.laundering.freezing import Freeze, FreezeState
from rongqiao.risk.operations.laundering.freezing.setting_aside import set_aside


@dataclass(frozen=True, kw_only=True)
class KeepFrozen:
    """Which freeze."""

    freeze_id: UUID


@dataclass(frozen=True, kw_only=True)
class KeptFrozen:
    """What was set aside anew, in fen."""

    minor: int


@operation("risk.laundering.keep_frozen", restore=KeptFrozen)
def keep_frozen(command: KeepFrozen, call: Call) -> KeptFrozen:
    """Hold what is free, unless the freeze has ended. Raises NotFound."""
    row = Freeze.objects.select_for_update().filter(pk=command.freeze_id).first()
    if row is None:
        raise NotFound
    if row.state == FreezeState.ENDED:
        return KeptFrozen(minor=0)
    return KeptFrozen(minor=max(set_aside(row, call).minor, 0))
