"""What origination does when servicing tells of loans: funded cases, limits used and given back.

Servicing stands above, so its facts come typed by what is read of them.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from rongqiao.finance.money import Money
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
