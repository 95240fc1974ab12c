"""An officer goes against the system's word: seen, given a reason for, put on record."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.queueing import last_screening
from rongqiao.lending.origination.conduct.standing import (
    Lending,
    Word,
    against_by_declining,
    against_by_lending,
)
from rongqiao.lending.origination.models import Application, Decision
from rongqiao.lending.origination.models.desk import OVERRIDE_CODES, Override
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal


class OverrideReasonNeeded(Refusal):
    """The decision goes against the system's word and says not why; facts: `field`, `against`."""

    kind, code = Kind.INVALID, "origination.override-reason-needed"


@dataclass(frozen=True, kw_only=True)
class Against:
    """How a decision goes against the system's word (`kind`, empty: not at all), and the reason."""

    kind: str
    code: str


def word_of(decision: Decision) -> Word:
    """Return an automatic decision as the system's word."""
    return Word(
        outcome=decision.outcome,
        amount=None if decision.amount_minor is None else Money(decision.amount_minor),
        grade=decision.grade,
        codes=tuple(one["code"] for one in decision.reasons),
    )


def checked_lending(case: Application, lent: Lending, code: str) -> Against:
    """Return how lending so goes against the system's word. Raises OverrideReasonNeeded."""
    screening = last_screening(case)
    kind = against_by_lending(word_of(screening), lent) if screening else ""
    return _checked(kind, code)


def checked_declining(case: Application, code: str) -> Against:
    """Return how declining goes against the system's word. Raises OverrideReasonNeeded."""
    screening = last_screening(case)
    kind = against_by_declining(word_of(screening)) if screening else ""
    return _checked(kind, code)


def put_on_record(
    case: Application, decision_id: UUID, against: Against, officer_id: UUID, call: Call
) -> None:
    """Keep an override beside its decision; nothing where the decision went against nothing."""
    if against.kind:
        Override.objects.create(
            decision_id=decision_id,
            application=case,
            kind=against.kind,
            code=against.code,
            officer_id=officer_id,
            made_at=call.at,
            made_on=call.on,
        )


def last_override(case: Application) -> Override | None:
    """Return how the case was last decided against the system's word."""
    return Override.objects.filter(application=case).order_by("-decision__number").first()


def _checked(kind: str, code: str) -> Against:
    if kind and code not in OVERRIDE_CODES:
        raise OverrideReasonNeeded(
            field="override", against=kind, allowed=", ".join(OVERRIDE_CODES)
        )
    return Against(kind=kind, code=code if kind else "")
