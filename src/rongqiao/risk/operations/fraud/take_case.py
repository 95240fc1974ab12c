"""Take a case in hand."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.risk.operations.fraud.casework import CaseWorked, case_for, write_act


@dataclass(frozen=True, kw_only=True)
class TakeCase:
    """Which case."""

    case_id: UUID


@operation("risk.take-fraud-case", restore=CaseWorked)
def take_case(command: TakeCase, call: Call) -> CaseWorked:
    """Take it. Raises FraudRoleNeeded, NotFound, FraudOwnAffair, FraudCaseNotThere."""
    case, _user = case_for(command.case_id, call, ("open",))
    case.state, case.taken_by = "taken", call.actor
    case.save(update_fields=["state", "taken_by"])
    return write_act(case, "taken", "", call)
