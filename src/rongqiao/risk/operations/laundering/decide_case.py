"""Another officer decides how a case ends: reported to the authority, closed, or sent back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rongqiao.platform.crypto import decrypt
from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.laundering.thresholds import deadlines
from rongqiao.risk.models.laundering.casework import CaseState, LaunderingCase, LaunderingReport
from rongqiao.risk.operations.laundering.notes import add_note
from rongqiao.risk.operations.laundering.officers import (
    NotInThisState,
    acting,
    due_after,
    reason_given,
    refuse_same_person,
    sealed,
)
from rongqiao.risk.operations.laundering.ratings.writing import rate_again


@dataclass(frozen=True, kw_only=True)
class DecideCase:
    """`word` is `approve` what was proposed, or `send-back` with a reason."""

    case_id: UUID
    word: str
    reason: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class CaseDecided:
    """Where the case stands, and the report made of it."""

    state: str
    report_id: UUID | None


@operation("risk.laundering.decide_case", restore=CaseDecided)
def decide_case(command: DecideCase, call: Call) -> CaseDecided:
    """Decide as the second person. Raises NotFound, NotInThisState, SecondPersonNeeded,
    ReasonNeeded.
    """
    case = LaunderingCase.objects.select_for_update().filter(pk=command.case_id).first()
    if case is None or command.word not in ("approve", "send-back"):
        raise NotFound
    officer = acting(call, case.party_id)
    if case.state != CaseState.ESCALATED:
        raise NotInThisState(state=case.state)
    refuse_same_person(case.proposed_by, officer)
    if command.word == "send-back":
        return _send_back(case, reason_given(command.reason), call)
    case.decided_by, case.decided_at = call.actor, call.at
    report = None
    if case.proposed == "report":
        case.state, report = CaseState.REPORTED, _prepare(case, call)
        add_note(case, "reported", report.number, call)
        rate_again(case.party_id, "reported", call)
    else:
        case.state = CaseState.CLOSED
        add_note(case, "closed", "", call)
        rate_again(case.party_id, "case-closed", call)
    case.save()
    return CaseDecided(state=case.state, report_id=report.pk if report else None)


def _send_back(case: LaunderingCase, reason: str, call: Call) -> CaseDecided:
    add_note(case, "sent-back", reason, call)
    case.state, case.proposed, case.proposed_by = CaseState.TAKEN, "", ""
    case.proposed_at = case.reasons_sealed = None
    case.save()
    return CaseDecided(state=case.state, report_id=None)


def _prepare(case: LaunderingCase, call: Call) -> LaunderingReport:
    """Write the report of suspicion: why, and which alerts it rests on."""
    assert case.reasons_sealed is not None, case.number
    reasons = decrypt(
        case.reasons_sealed, table="risk_launderingcase", column="reasons_sealed", row=case.pk
    )
    alerts = list(case.alerts.order_by("raised_at"))
    content: dict[str, Any] = {
        "case": case.number,
        "reasons": reasons,
        "alerts": [{"number": one.number, "kind": one.kind} for one in alerts],
    }
    report_id = new_id(call.at)
    return LaunderingReport.objects.create(
        id=report_id,
        number=short_number("SR", call.at),
        kind="suspicious",
        party_id=case.party_id,
        case=case,
        happened_on=call.on,
        due_on=due_after(call.on, deadlines().suspicious),
        content_sealed=sealed(content, "launderingreport", "content_sealed", report_id),
        state="prepared",
        prepared_by=call.actor,
        prepared_at=call.at,
    )
