"""Clear a case: it was no fraud, and why."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.operations.fraud.acting import read_reason
from rongqiao.risk.operations.fraud.casework import CaseWorked, case_for, write_act


@dataclass(frozen=True, kw_only=True)
class ClearCase:
    """Which case, and why it is none."""

    case_id: UUID
    reason: str


@operation("risk.clear-fraud-case", restore=CaseWorked)
def clear_case(command: ClearCase, call: Call) -> CaseWorked:
    """Close it as cleared.

    Raises FraudRoleNeeded, NotFound, FraudOwnAffair, FraudCaseNotThere, FraudReasonNeeded.
    """
    case, _user = case_for(command.case_id, call, ("taken",))
    reason = read_reason(command.reason)
    case.state, case.closed_by, case.closed_at = "cleared", call.actor, call.at
    case.save(update_fields=["state", "closed_by", "closed_at"])
    return write_act(case, "cleared", reason, call)
