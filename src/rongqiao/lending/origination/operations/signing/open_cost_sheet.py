"""Show the cost sheet: what stood on it and when it was opened is on record, and time runs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from rongqiao.lending.origination.conduct.cases import acting_borrower, check_state, own_case
from rongqiao.lending.origination.conduct.limits import NotProposed
from rongqiao.lending.origination.conduct.pricing import priced_drawing, priced_offer, priced_sheet
from rongqiao.lending.origination.models import CostSheet, Drawing
from rongqiao.lending.origination.operations.signing.accept_offer import check_offer
from rongqiao.lending.origination.paper.sheet import Priced
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import VersionView, get_version
from rongqiao.parties.queries import user_of
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, canonical, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class OpenCostSheet:
    """Of an accepted application, or of a proposed drawing: exactly one of the two."""

    application_id: UUID | None = None
    drawing_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The sheet, since when it is open, and how long it must be before it can be confirmed."""

    sheet_id: UUID
    shown_at: datetime
    reading_seconds: int


@operation("origination.open_cost_sheet", restore=Opened)
def open_cost_sheet(command: OpenCostSheet, call: Call) -> Opened:
    """Record the sheet as of today; opening an equal one again keeps the first opening.

    Raises NotFound, StepNotDrawn, OfferEnded, NotProposed, AboveCap.
    """
    priced, version, cause = _asked(command, call)
    sheet = priced_sheet(priced, call.on)
    user_id = user_of(call.actor)
    assert user_id is not None
    same = CostSheet.objects.filter(
        **cause, content_sha256=sheet.sha256, for_on=call.on, shown_to=user_id
    ).first()
    row = same or CostSheet.objects.create(
        id=new_id(call.at),
        **cause,
        content=json.loads(canonical(sheet)),
        content_sha256=sheet.sha256,
        for_on=call.on,
        reading_seconds=version.terms.reading_seconds,
        shown_to=user_id,
        shown_at=call.at,
    )
    return Opened(sheet_id=row.pk, shown_at=row.shown_at, reading_seconds=row.reading_seconds)


def _asked(command: OpenCostSheet, call: Call) -> tuple[Priced, VersionView, dict[str, Any]]:
    if command.application_id is not None and command.drawing_id is None:
        case = own_case(command.application_id, call)
        check_state(case, State.ACCEPTED)
        check_offer(case, call)
        version = get_version(case.version_id).at(call.on)
        return priced_offer(case, version), version, {"application": case}
    if command.drawing_id is None or command.application_id is not None:
        raise NotFound(what="cost-sheet")
    drawing = (
        Drawing.objects.select_for_update(of=("self",))
        .select_related("limit")
        .filter(pk=command.drawing_id)
        .first()
    )
    if drawing is None:
        raise NotFound(what="cost-sheet")
    acting_borrower(call, drawing.limit.party_id)
    if drawing.state != "proposed":
        raise NotProposed(value=drawing.state)
    version = get_version(drawing.limit.version_id)
    return priced_drawing(drawing, version), version, {"drawing": drawing}
