"""A finance officer proposes another accounting code for a line of the chart, from a date on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.money.ledger.accounting_codes import is_code_for
from rongqiao.money.ledger.chart import NAMED, PREFIXED
from rongqiao.money.ledger.closing import CodeMapping
from rongqiao.money.ledger.operations.closing.officers import checked_words, officer_acting
from rongqiao.money.ledger.queries.chart_of_accounts import has_product
from rongqiao.money.ledger.queries.periods import closed_through
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal

LONGEST_TITLE = 60


class UnknownLine(Refusal):
    """The chart has no such line, or the line is not kept by product; fact: `value`."""

    kind, code = Kind.INVALID, "ledger.mapping-line"


class CodeRefused(Refusal):
    """Not a code of the accounting standard, or of another class; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "ledger.mapping-code"


class EffectiveDateRefused(Refusal):
    """A closed month keeps its codes; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "ledger.mapping-date"


class MappingThere(Refusal):
    """The line has a code from that very date on, or a proposal of one; fact: `value`."""

    kind, code = Kind.CONFLICT, "ledger.mapping-there"


@dataclass(frozen=True, kw_only=True)
class ProposeMapping:
    """Which line (name or prefix), for which product (none: all), which code, from when, and why.

    `code`: four digits of the standard, or a firm's own detail below them, two digits a level.
    """

    line: str
    code: str
    title: str
    effective_on: date
    reason: str
    product: str = ""


@dataclass(frozen=True, kw_only=True)
class MappingMoved:
    """A mapping and the state it is in now."""

    mapping_id: UUID
    state: str


@operation("ledger.propose-mapping", restore=MappingMoved)
def propose_mapping(command: ProposeMapping, call: Call) -> MappingMoved:
    """Keep the proposal for a second officer.

    Raises FinanceOfficerNeeded, ReasonNeeded, UnknownLine, CodeRefused, EffectiveDateRefused,
    MappingThere.
    """
    officer_acting(call)
    line = {**NAMED, **PREFIXED}.get(command.line)
    if line is None:
        raise UnknownLine(field="line", value=command.line[:50])
    if command.product and not (
        command.line in PREFIXED and line.of_platform and has_product(command.product)
    ):
        raise UnknownLine(field="product", value=command.product[:50])
    if not is_code_for(command.code, line.family.value):
        raise CodeRefused(field="code", value=command.code[:20], allowed=line.family.value)
    through = closed_through()
    if through and command.effective_on <= through:
        raise EffectiveDateRefused(
            field="effective_on",
            value=command.effective_on.isoformat(),
            allowed=f"> {through.isoformat()}",
        )
    row = CodeMapping(
        id=new_id(call.at),
        line=command.line,
        product=command.product,
        code=command.code,
        title=checked_words(command.title, "title", LONGEST_TITLE),
        effective_on=command.effective_on,
        reason=checked_words(command.reason),
        proposed_by=call.actor,
        proposed_at=call.at,
    )
    CodeMapping.objects.bulk_create([row], ignore_conflicts=True)
    if not CodeMapping.objects.filter(pk=row.pk).exists():
        raise MappingThere(value=command.effective_on.isoformat())
    return MappingMoved(mapping_id=row.pk, state=row.state)
