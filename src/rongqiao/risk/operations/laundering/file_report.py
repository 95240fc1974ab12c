"""An officer notes that a report went to the authority, with the authority's receipt."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.risk.models.laundering.casework import LaunderingReport, ReportState
from rongqiao.risk.operations.laundering.officers import NotInThisState, acting

LONGEST_RECEIPT = 100


class ReceiptNeeded(Refusal):
    """The authority's receipt is missing or too long; facts: `field`, `allowed`."""

    kind, code = Kind.INVALID, "laundering.receipt-needed"


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """Which report, and the number of the authority's receipt."""

    report_id: UUID
    receipt: str


@dataclass(frozen=True, kw_only=True)
class ReportFiled:
    """Where it stands."""

    state: str


@operation("risk.laundering.file_report", restore=ReportFiled)
def file_report(command: FileReport, call: Call) -> ReportFiled:
    """Note it, once. Raises NotFound, ReceiptNeeded, NotInThisState."""
    report = LaunderingReport.objects.select_for_update().filter(pk=command.report_id).first()
    if report is None:
        raise NotFound
    acting(call, report.party_id)
    receipt = command.receipt.strip()
    if not receipt or len(receipt) > LONGEST_RECEIPT:
        raise ReceiptNeeded(field="receipt", allowed=str(LONGEST_RECEIPT))
    if report.state != ReportState.PREPARED:
        raise NotInThisState(state=report.state)
    report.state, report.receipt = ReportState.FILED, receipt
    report.filed_by, report.filed_at = call.actor, call.at
    report.save(update_fields=["state", "receipt", "filed_by", "filed_at"])
    return ReportFiled(state=report.state)
