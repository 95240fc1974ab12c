"""Principal of a drawing was repaid: that much of the limit can be drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.limits import available_of, limit_of
from rongqiao.lending.origination.models import Drawing
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class GiveBack:
    """How much principal of which drawing; None for all that is left of it."""

    drawing_id: UUID
    principal: Money | None


@dataclass(frozen=True, kw_only=True)
class GivenBack:
    """What can be drawn now."""

    limit_id: UUID
    available: Money


@operation("origination.give_back", restore=GivenBack)
def give_back(command: GiveBack, call: Call) -> GivenBack:
    """Free that much of the limit; the drawing is repaid when nothing is left. Raises NotFound."""
    found = list(Drawing.objects.filter(pk=command.drawing_id).values_list("limit_id", flat=True))
    if not found:
        raise NotFound(what="drawing")
    limit = limit_of(found[0])
    drawing = Drawing.objects.get(pk=command.drawing_id)
    left = drawing.amount_minor - drawing.repaid_minor
    share = left if command.principal is None else command.principal.minor
    assert 0 <= share <= left, (share, left)
    assert drawing.state in ("drawn", "repaid"), drawing.state
    drawing.repaid_minor += share
    drawing.state = "repaid" if drawing.repaid_minor == drawing.amount_minor else "drawn"
    drawing.changed_at = call.at
    drawing.save(update_fields=["repaid_minor", "state", "changed_at"])
    limit.drawn_minor -= share
    limit.save(update_fields=["drawn_minor"])
    return GivenBack(limit_id=limit.pk, available=available_of(limit))
