"""What origination does when servicing tells of loans, and collateral of what secures a case.

Both stand above, so their facts come typed by what is read of them.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.operations.deciding.put_first import PutFirst, put_first
from rongqiao.lending.origination.operations.drawing.give_back import GiveBack, give_back
from rongqiao.lending.origination.operations.drawing.record_disbursement import (
    RecordDisbursement,
    record_disbursement,
)
from rongqiao.platform.operations import Call


class OfAgreement(Protocol):
    """A fact about a loan on one agreement."""

    agreement_id: UUID


class OfDrawing(Protocol):
    """A fact about a loan that may be a drawing on a limit."""

    drawing_id: UUID | None


class OfRepayment(OfDrawing, Protocol):
    """A fact about a repayment: how much of it was principal."""

    principal: Money


class OfSecurity(Protocol):
    """A fact about what secures a case, which may be an application."""

    application_id: UUID | None
    has_free_vehicle: bool


def on_security_changed(event: OfSecurity, call: Call) -> None:
    """Let an application that a free vehicle secures go first in the queue, or no more."""
    if event.application_id is not None:
        reason = "free-vehicle" if event.has_free_vehicle else ""
        put_first(PutFirst(application_id=event.application_id, reason=reason), call)


def on_loan_disbursed(event: OfAgreement, call: Call) -> None:
    """Mark the application funded, or the drawing drawn."""
    record_disbursement(RecordDisbursement(agreement_id=event.agreement_id), call)


def on_loan_repaid(event: OfRepayment, call: Call) -> None:
    """Give the repaid principal of a drawing back to its limit."""
    if event.drawing_id is not None and event.principal:
        give_back(GiveBack(drawing_id=event.drawing_id, principal=event.principal), call)


def on_loan_closed(event: OfDrawing, call: Call) -> None:
    """Give back what repayments have not given back already."""
    if event.drawing_id is not None:
        give_back(GiveBack(drawing_id=event.drawing_id, principal=None), call)
