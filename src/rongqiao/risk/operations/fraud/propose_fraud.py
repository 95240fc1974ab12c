"""Say that a case is fraud; another person decides."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.operations.fraud.acting import read_reason
from rongqiao.risk.operations.fraud.casework import CaseWorked, case_for, write_act


@dataclass(frozen=True, kw_only=True)
class ProposeFraud:
    """Which case, and what proves it."""

    case_id: UUID
    reason: str


@operation("risk.propose-fraud", restore=CaseWorked)
def propose_fraud(command: ProposeFraud, call: Call) -> CaseWorked:
    """Put it forward.

    Raises FraudRoleNeeded, NotFound, FraudOwnAffair, FraudCaseNotThere, FraudReasonNeeded.
    """
    case, _user = case_for(command.case_id, call, ("taken",))
    reason = read_reason(command.reason)
    case.state, case.proposed_by = "proposed", call.actor
    case.save(update_fields=["state", "proposed_by"])
    return write_act(case, "proposed", reason, call)
