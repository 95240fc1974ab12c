"""The borrower takes a drawing back before money was lent on it; the limit is free again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import acting_borrower
from rongqiao.lending.origination.conduct.concentration import give_up
from rongqiao.lending.origination.conduct.limits import NotProposed, available_of, limit_of
from rongqiao.lending.origination.models import Agreement, Drawing
from rongqiao.lending.origination.operations.applying.withdraw_application import AlreadyLent
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class CancelDrawing:
    """Which drawing, proposed or signed."""

    drawing_id: UUID


@dataclass(frozen=True, kw_only=True)
class Cancelled:
    """What can be drawn now."""

    limit_id: UUID
    available: Money


@operation("origination.cancel_drawing", restore=Cancelled)
def cancel_drawing(command: CancelDrawing, call: Call) -> Cancelled:
    """Release the drawing and its reservation, and cancel its agreement.

    Raises NotFound, NotProposed, AlreadyLent once servicing has taken the agreement up.
    """
    found = list(Drawing.objects.filter(pk=command.drawing_id).values_list("limit_id", flat=True))
    if not found:
        raise NotFound(what="drawing")
    limit = limit_of(found[0])
    acting_borrower(call, limit.party_id)
    drawing = Drawing.objects.get(pk=command.drawing_id)
    if drawing.state not in ("proposed", "reserved"):
        raise NotProposed(value=drawing.state)
    if drawing.state == "reserved":
        # Servicing locks the agreement too, in the transaction that lends: only one side wins.
        agreement = Agreement.objects.select_for_update().get(drawing=drawing)
        if agreement.taken_up_at is not None:
            raise AlreadyLent
        agreement.cancelled_at = call.at
        agreement.save(update_fields=["cancelled_at"])
        limit.reserved_minor -= drawing.amount_minor
        limit.save(update_fields=["reserved_minor"])
        give_up([agreement])
    drawing.state, drawing.changed_at = "released", call.at
    drawing.save(update_fields=["state", "changed_at"])
    return Cancelled(limit_id=limit.pk, available=available_of(limit))
