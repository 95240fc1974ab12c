"""An officer says what an alert is: nothing, or something to look into."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound
from rongqiao.risk.laundering.thresholds import deadlines
from rongqiao.risk.models.laundering.casework import (
    AlertState,
    CaseState,
    LaunderingAlert,
    LaunderingCase,
    ListVersion,
)
from rongqiao.risk.operations.laundering.freezing.setting_aside import freeze
from rongqiao.risk.operations.laundering.notes import add_note
from rongqiao.risk.operations.laundering.officers import (
    NotInThisState,
    acting,
    due_after,
    reason_given,
    sealed,
)

ENDED = (CaseState.REPORTED, CaseState.CLOSED)


@dataclass(frozen=True, kw_only=True)
class DecideAlert:
    """`word` is `dismiss` or `pursue`; `is_frozen` sets the customer's money aside at once.

    Money is set aside only where somebody on a list of sanctions or of terrorism was met.
    """

    alert_id: UUID
    word: str
    reason: str = sensitive()
    is_frozen: bool = False


@dataclass(frozen=True, kw_only=True)
class AlertDecided:
    """Where it stands, and the case it went to."""

    state: str
    case_id: UUID | None


@operation("risk.laundering.decide_alert", restore=AlertDecided)
def decide_alert(command: DecideAlert, call: Call) -> AlertDecided:
    """Dismiss an alert, or take it into the customer's case (a new one, where none is open).

    Raises NotFound, ReasonNeeded, NotInThisState.
    """
    alert = LaunderingAlert.objects.select_for_update().filter(pk=command.alert_id).first()
    if alert is None or command.word not in ("dismiss", "pursue"):
        raise NotFound
    acting(call, alert.party_id)
    reason = reason_given(command.reason)
    if alert.state != AlertState.OPEN:
        raise NotInThisState(state=alert.state)
    alert.decided_by, alert.decided_at = call.actor, call.at
    alert.reason_sealed = sealed(reason, "launderingalert", "reason_sealed", alert.pk)
    if command.word == "dismiss":
        alert.state = AlertState.FALSE
    else:
        alert.state, alert.case = AlertState.CASE, case_of(alert.party_id, call)
        add_note(alert.case, "alert", f"{alert.number}：{reason}", call)
        if command.is_frozen and _may_freeze(alert):
            freeze(alert.case, call)
    alert.save(update_fields=["state", "case", "decided_by", "decided_at", "reason_sealed"])
    return AlertDecided(state=alert.state, case_id=alert.case_id)


def case_of(party_id: UUID, call: Call) -> LaunderingCase:
    """Return the party's open case, locked; a new one where there is none."""
    found = (
        LaunderingCase.objects.select_for_update()
        .filter(party_id=party_id)
        .exclude(state__in=ENDED)
        .first()
    )
    if found is not None:
        return found
    return LaunderingCase.objects.create(
        id=new_id(call.at),
        number=short_number("LC", call.at),
        party_id=party_id,
        state=CaseState.OPEN,
        opened_by=call.actor,
        opened_at=call.at,
        due_on=due_after(call.on, deadlines().alert),
    )


def _may_freeze(alert: LaunderingAlert) -> bool:
    if alert.entry is None:
        return False
    kinds = ListVersion.objects.filter(code=alert.entry.code).values_list("kind", flat=True)
    return bool(set(kinds) & {"sanction", "terrorism"})
