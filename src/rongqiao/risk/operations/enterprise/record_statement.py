"""Put a firm's statement of one period on record, as the firm or an officer states it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.enterprise.statements import BadStatement, contradictions, read_statement
from rongqiao.risk.models.enterprise import SOURCES, FinancialStatement
from rongqiao.risk.models.sealing import seal
from rongqiao.risk.operations.enterprise.acting import firm_or_staff, numbering

OLDEST_YEARS = 6
FEWEST_FIGURES = 4


class UnreadableStatement(Refusal):
    """A figure of the statement cannot be; facts: `field`, `value`."""

    kind, code = Kind.INVALID, "risk.unreadable-statement"


class StatementOutOfTime(Refusal):
    """The period has not ended, or ended too long ago; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.statement-out-of-time"


class TooFewFigures(Refusal):
    """So few figures say nothing of a firm; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.too-few-figures"


@dataclass(frozen=True, kw_only=True)
class RecordStatement:
    """The period that ends on `ends_on` and its figures in yuan, as text by name."""

    party_id: UUID
    ends_on: date
    months: int
    source: str
    figures: tuple[tuple[str, str], ...] = sensitive()


@dataclass(frozen=True, kw_only=True)
class StatementRecorded:
    """The statement on record, and the sums of it that do not add up."""

    statement_id: UUID
    contradictions: tuple[str, ...]


@operation("risk.record-statement", restore=StatementRecorded)
def record_statement(command: RecordStatement, call: Call) -> StatementRecorded:
    """Keep the figures; of one period the last row of a source counts.

    Raises NotFound, RatingRoleNeeded, OwnFirm, UnreadableStatement, StatementOutOfTime,
    TooFewFigures.
    """
    firm_or_staff(call, command.party_id)
    if command.source not in SOURCES:
        raise UnreadableStatement(field="source", value=command.source[:16])
    oldest = date(call.on.year - OLDEST_YEARS, 1, 1)
    if not oldest <= command.ends_on <= call.on:
        raise StatementOutOfTime(
            field="ends_on",
            value=command.ends_on.isoformat(),
            allowed=f"{oldest.isoformat()} - {call.on.isoformat()}",
        )
    given = {name: text for name, text in command.figures if text.strip()}
    if len(given) < FEWEST_FIGURES:
        raise TooFewFigures(field="figures", value=str(len(given)), allowed=str(FEWEST_FIGURES))
    try:
        statement = read_statement(command.ends_on, command.months, given)
    except BadStatement as bad:
        raise UnreadableStatement(field=bad.field, value=bad.problem) from None
    row_id, odd = new_id(call.at), contradictions(statement)
    FinancialStatement.objects.create(
        id=row_id,
        party_id=command.party_id,
        number=numbering(FinancialStatement, command.party_id),
        ends_on=command.ends_on,
        months=command.months,
        source=command.source,
        figures_sealed=seal(given, FinancialStatement, "figures_sealed", row_id),
        contradictions=list(odd),
        recorded_by=call.actor,
        recorded_at=call.at,
        recorded_on=call.on,
    )
    return StatementRecorded(statement_id=row_id, contradictions=odd)
