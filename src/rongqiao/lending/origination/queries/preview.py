"""The agreement as it would be signed today, for its borrower to read before signing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.lending.origination.conduct.contracting import (
    Cause,
    cause_of_case,
    cause_of_drawing,
    contract_of,
)
from rongqiao.lending.origination.models import CostSheet
from rongqiao.lending.origination.paper.sheet import Sheet
from rongqiao.lending.origination.paper.text import TITLES, agreement_text
from rongqiao.platform.operations import restored
from rongqiao.platform.refusals import NotFound

# The number is drawn at signing; everything else of the text stays as shown.
NUMBER_LATER = "（签署时生成）"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """An agreement's title and whole text, its number still to come. `kind`: loan, limit, ..."""

    kind: str
    title: str
    text: str


def preview_agreement(sheet_id: UUID, user_id: UUID, on: date) -> Preview:
    """Return what whoever was shown the sheet would sign on a date. Raises NotFound."""
    row = (
        CostSheet.objects.select_related("application", "drawing__limit")
        .filter(pk=sheet_id, shown_to=user_id)
        .first()
    )
    if row is None:
        raise NotFound(what="cost-sheet")
    cause = _cause(row, on)
    text = agreement_text(contract_of(cause, NUMBER_LATER, restored(Sheet, row.content), on))
    return Preview(kind=cause.kind, title=TITLES[cause.kind], text=text)


def _cause(row: CostSheet, on: date) -> Cause:
    if row.application is not None:
        return cause_of_case(row.application, on)
    assert row.drawing is not None
    return cause_of_drawing(row.drawing)
