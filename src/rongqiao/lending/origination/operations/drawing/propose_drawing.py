"""Ask to draw on a limit: amount and term, to be priced, read and signed. Nothing moves yet."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import acting_borrower
from rongqiao.lending.origination.conduct.limits import check_room, limit_of
from rongqiao.lending.origination.models import Drawing
from rongqiao.lending.products.queries import get_version
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal


class DrawingRefused(Refusal):
    """Amount or term outside the product; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "origination.bad-drawing"


@dataclass(frozen=True, kw_only=True)
class ProposeDrawing:
    """How much of which limit, for how many months."""

    limit_id: UUID
    amount: Money
    term_count: int


@dataclass(frozen=True, kw_only=True)
class Proposed:
    """The drawing, waiting for its cost sheet."""

    drawing_id: UUID


@operation("origination.propose_drawing", restore=Proposed)
def propose_drawing(command: ProposeDrawing, call: Call) -> Proposed:
    """Write down the drawing. Raises NotFound, DrawingRefused, LimitEnded, MoreThanAvailable."""
    limit = limit_of(command.limit_id)
    user_id = acting_borrower(call, limit.party_id)
    terms = get_version(limit.version_id).terms
    if not terms.amount_min <= command.amount <= terms.amount_max:
        allowed = f"{terms.amount_min.text()} - {terms.amount_max.text()}"
        raise DrawingRefused(field="amount", value=command.amount.text(), allowed=allowed)
    if not terms.term_min <= command.term_count <= terms.term_max:
        allowed = f"{terms.term_min} - {terms.term_max}"
        raise DrawingRefused(field="term_count", value=str(command.term_count), allowed=allowed)
    check_room(limit, command.amount, call.on)
    drawing = Drawing.objects.create(
        id=new_id(call.at),
        limit=limit,
        amount_minor=command.amount.minor,
        term_count=command.term_count,
        state="proposed",
        proposed_by=user_id,
        proposed_at=call.at,
        changed_at=call.at,
    )
    return Proposed(drawing_id=drawing.pk)
