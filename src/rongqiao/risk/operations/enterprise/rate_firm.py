"""Rate a firm from the statements on record, people's answers and its conduct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from rongqiao.finance.months import add_months
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.risk.enterprise.crosschecks import Check, altman_double_prime, beneish, zmijewski
from rongqiao.risk.enterprise.heard import conduct_heard
from rongqiao.risk.enterprise.rating import Line, Rating, questions, rate
from rongqiao.risk.enterprise.ratios import ratios
from rongqiao.risk.enterprise.scale import shipped_calibration
from rongqiao.risk.enterprise.standards import shipped_standards
from rongqiao.risk.models.enterprise import FirmRating
from rongqiao.risk.models.sealing import seal
from rongqiao.risk.operations.enterprise.acting import RATERS, acting, numbering
from rongqiao.risk.queries.enterprise import statements_of
from rongqiao.risk.queries.features import features_of

REVIEW_MONTHS = 12
_CENT = Decimal("0.0001")


class NoStatement(Refusal):
    """No statement of a whole year is on record; fact: `field`."""

    kind, code = Kind.CONFLICT, "risk.no-statement"


class UnknownStandards(Refusal):
    """No such table of standard values, or no such answer; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.unknown-standards"


@dataclass(frozen=True, kw_only=True)
class RateFirm:
    """Against which standard values; answers a to e by question; conduct as numbers, or "yes".

    What outside sources told of conduct counts where the command says nothing.
    """

    party_id: UUID
    standards: str
    answers: tuple[tuple[str, str], ...] = ()
    conduct: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class FirmRated:
    """The rating on record; no grade where too little could be scored."""

    rating_id: UUID
    grade: str


@operation("risk.rate-firm", restore=FirmRated)
def rate_firm(command: RateFirm, call: Call) -> FirmRated:
    """Reckon the rating and keep it with all it looked at.

    Raises RatingRoleNeeded, OwnFirm, NoStatement, UnknownStandards.
    """
    acting(call, RATERS, command.party_id)
    table = shipped_standards().get(command.standards)
    if table is None:
        allowed = ", ".join(shipped_standards())
        raise UnknownStandards(field="standards", value=command.standards[:32], allowed=allowed)
    answers = _checked(dict(command.answers))
    known = [one for one in statements_of(command.party_id) if one.statement.months == 12]
    if not known:
        raise NoStatement(field="statements")
    now = known[-1].statement
    before = known[-2].statement if len(known) > 1 else None
    conduct = _heard(command.party_id, call.at) | {
        code: True if value == "yes" else Decimal(value) for code, value in command.conduct
    }
    made = ratios(now, before)
    found = rate(made, table, shipped_calibration(table.code), answers=answers, conduct=conduct)
    checks = (altman_double_prime(now), zmijewski(now), beneish(now, before))
    inputs = {
        "statements": [str(one.id) for one in known[-2:]],
        "answers": answers,
        "conduct": {code: str(value) for code, value in conduct.items()},
        "ratios": {code: _text(one.value) for code, one in made.items()},
    }
    row = _keep(command, call, found, checks, inputs)
    return FirmRated(rating_id=row.pk, grade=row.grade)


def _heard(party_id: UUID, at: datetime) -> dict[str, Decimal | bool]:
    return conduct_heard({one.name: one.value for one in features_of(party_id, at)})


def _checked(answers: dict[str, str]) -> dict[str, str]:
    for question, answer in answers.items():
        if question not in questions() or answer not in tuple("abcde"):
            raise UnknownStandards(field=question[:32], value=answer[:8], allowed="a, b, c, d, e")
    return answers


def _keep(
    command: RateFirm,
    call: Call,
    found: Rating,
    checks: tuple[Check, ...],
    inputs: Mapping[str, object],
) -> FirmRating:
    row_id = new_id(call.at)
    row = FirmRating(
        id=row_id,
        party_id=command.party_id,
        number=numbering(FirmRating, command.party_id),
        score=found.score,
        probability=found.probability,
        grade=found.grade,
        coverage=found.coverage,
        standards=found.standards,
        rules_version=found.rules_version,
        lines=[_line(line) for line in found.lines]
        + [_points("adjustment", *pair) for pair in found.adjustments]
        + [_points("conduct", *pair) for pair in found.conduct],
        checks=[asdict(check) | {"value": _text(check.value)} for check in checks],
        inputs_sealed=seal(inputs, FirmRating, "inputs_sealed", row_id),
        rated_by=call.actor,
        rated_at=call.at,
        rated_on=call.on,
        review_on=add_months(call.on, REVIEW_MONTHS),
    )
    row.save(force_insert=True)
    return row


def _line(line: Line) -> dict[str, str]:
    return {
        "block": line.block,
        "code": line.code,
        "value": _text(line.value),
        "weight": _text(line.weight),
        "points": _text(line.points),
        "band": line.band,
        "why_not": line.why_not,
    }


def _points(block: str, code: str, points: Decimal) -> dict[str, str]:
    return {
        "block": block,
        "code": code,
        "value": "",
        "weight": "",
        "points": _text(points),
        "band": "",
        "why_not": "",
    }


def _text(value: Decimal | None) -> str:
    return "" if value is None else f"{value.quantize(_CENT):f}"
