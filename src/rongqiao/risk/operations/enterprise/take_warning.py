"""Take a warning case, or a colleague's."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.operations.enterprise.acting import WarningNotOpen, locked_warning


@dataclass(frozen=True, kw_only=True)
class TakeWarning:
    """A case to look at."""

    case_id: UUID


@dataclass(frozen=True, kw_only=True)
class WarningTaken:
    """Where the case stands now."""

    case_id: UUID
    state: str


@operation("risk.take-warning", restore=WarningTaken)
def take_warning(command: TakeWarning, call: Call) -> WarningTaken:
    """Take an open case, or a colleague's. Raises NotFound, RatingRoleNeeded, WarningNotOpen."""
    case = locked_warning(command.case_id, call)
    if case.state == "closed":
        raise WarningNotOpen(state=case.state)
    case.state, case.taken_by, case.taken_at = "taken", call.actor, call.at
    case.save(update_fields=["state", "taken_by", "taken_at"])
    return WarningTaken(case_id=case.pk, state=case.state)
