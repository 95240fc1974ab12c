"""The borrower confirms having read the cost sheet; not before the reading time has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rongqiao.lending.origination.models import CostSheet
from rongqiao.parties.queries import user_of
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal


class ReadFirst(Refusal):
    """The sheet has not been open long enough; facts: `seconds` left, `allowed` in all."""

    kind, code = Kind.CONFLICT, "origination.read-first"


@dataclass(frozen=True, kw_only=True)
class ConfirmCostSheet:
    """Which sheet."""

    sheet_id: UUID


@dataclass(frozen=True, kw_only=True)
class Confirmed:
    """When it was confirmed, the first time."""

    sheet_id: UUID
    confirmed_at: datetime


@operation("origination.confirm_cost_sheet", restore=Confirmed)
def confirm_cost_sheet(command: ConfirmCostSheet, call: Call) -> Confirmed:
    """Record the confirmation of whoever the sheet was shown to. Raises NotFound, ReadFirst."""
    sheet = CostSheet.objects.select_for_update().filter(pk=command.sheet_id).first()
    user_id = user_of(call.actor)
    if sheet is None or user_id is None or sheet.shown_to != user_id:
        raise NotFound(what="cost-sheet")
    if sheet.confirmed_at is not None:
        return Confirmed(sheet_id=sheet.pk, confirmed_at=sheet.confirmed_at)
    check_read(sheet, call.at)
    sheet.confirmed_by, sheet.confirmed_at = user_id, call.at
    sheet.save(update_fields=["confirmed_by", "confirmed_at"])
    return Confirmed(sheet_id=sheet.pk, confirmed_at=call.at)


def check_read(sheet: CostSheet, at: datetime) -> None:
    """Raise ReadFirst before the reading time is over."""
    left = sheet.shown_at + timedelta(seconds=sheet.reading_seconds) - at
    if left > timedelta(0):
        seconds = -(-left // timedelta(seconds=1))
        raise ReadFirst(seconds=str(seconds), allowed=str(sheet.reading_seconds))
