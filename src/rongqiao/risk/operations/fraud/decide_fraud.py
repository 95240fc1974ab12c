"""A second person confirms that a case is fraud, or sends it back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.operations.fraud.acting import read_reason, refuse_same_person
from rongqiao.risk.operations.fraud.casework import CaseWorked, case_for, write_act


@dataclass(frozen=True, kw_only=True)
class DecideFraud:
    """Which case, whether it is fraud, and why."""

    case_id: UUID
    is_confirmed: bool
    reason: str


@operation("risk.decide-fraud", restore=CaseWorked)
def decide_fraud(command: DecideFraud, call: Call) -> CaseWorked:
    """Decide: confirmed and closed, or back in hand.

    Raises FraudRoleNeeded, NotFound, FraudOwnAffair, FraudCaseNotThere, FraudReasonNeeded,
    FraudSecondPersonNeeded.
    """
    case, user_id = case_for(command.case_id, call, ("proposed",))
    refuse_same_person(case.proposed_by, user_id)
    reason = read_reason(command.reason)
    if not command.is_confirmed:
        case.state, case.proposed_by = "taken", ""
        case.save(update_fields=["state", "proposed_by"])
        return write_act(case, "sent-back", reason, call)
    case.state, case.closed_by, case.closed_at = "confirmed", call.actor, call.at
    case.save(update_fields=["state", "closed_by", "closed_at"])
    return write_act(case, "confirmed", reason, call)
