"""Money was lent on an agreement: the application is funded, or the drawing drawn."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import Moved, move
from rongqiao.lending.origination.conduct.limits import limit_of
from rongqiao.lending.origination.models import Agreement, Application, Drawing
from rongqiao.lending.origination.states import State
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class RecordDisbursement:
    """On which agreement."""

    agreement_id: UUID


@operation("origination.record_disbursement", restore=Moved)
def record_disbursement(command: RecordDisbursement, call: Call) -> Moved:
    """Move the application to funded, or the limit's reservation to drawn. Raises NotFound."""
    agreement = Agreement.objects.filter(pk=command.agreement_id).first()
    if agreement is None:
        raise NotFound(what="agreement")
    if agreement.drawing_id is not None:
        return _drawn(agreement.drawing_id, call)
    assert agreement.application_id is not None
    case = Application.objects.select_for_update().get(pk=agreement.application_id)
    move(case, State.FUNDED, call)
    return Moved(application_id=case.pk, state=case.state)


def _drawn(drawing_id: UUID, call: Call) -> Moved:
    limit = limit_of(Drawing.objects.values_list("limit_id", flat=True).get(pk=drawing_id))
    drawing = Drawing.objects.get(pk=drawing_id)
    assert drawing.state == "reserved", drawing.state
    limit.reserved_minor -= drawing.amount_minor
    limit.drawn_minor += drawing.amount_minor
    limit.save(update_fields=["reserved_minor", "drawn_minor"])
    drawing.state, drawing.changed_at = "drawn", call.at
    drawing.save(update_fields=["state", "changed_at"])
    return Moved(application_id=drawing.pk, state=drawing.state)
