"""Save one step of a draft: whatever is filled in and valid is kept, the rest may follow."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.lending.origination.conduct.cases import check_state, move, own_case
from rongqiao.lending.origination.intake.steps import BadAnswer, missing, read_step, steps_for
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.sealing import seal, unseal
from rongqiao.lending.origination.states import State
from rongqiao.lending.products.queries import get_version
from rongqiao.parties.queries import get_party
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal


class AnswerRefused(Refusal):
    """A value cannot stand in its field; facts: `field`, `value`, `allowed`. Nothing is stored."""

    kind, code = Kind.INVALID, "origination.bad-answer"


@dataclass(frozen=True, kw_only=True)
class SaveStep:
    """The fields of one step as text; a field left out or empty counts as not filled in yet."""

    application_id: UUID
    step: str
    values: tuple[tuple[str, str], ...] = sensitive()


@dataclass(frozen=True, kw_only=True)
class Saved:
    """What is still missing in the whole form, as `step.field`."""

    application_id: UUID
    revision: int
    missing: tuple[str, ...]


@operation("origination.save_step", restore=Saved)
def save_step(command: SaveStep, call: Call) -> Saved:
    """Replace the answers of one step. A returned application becomes a draft again.

    Raises NotFound, StepNotDrawn, AnswerRefused.
    """
    case = own_case(command.application_id, call)
    check_state(case, State.DRAFT, State.RETURNED)
    if case.state == State.RETURNED:
        move(case, State.DRAFT, call)
    terms = get_version(case.version_id).terms
    steps = steps_for(get_party(case.party_id).kind, terms)
    step = next((one for one in steps if one.name == command.step), None)
    if step is None:
        allowed = ", ".join(one.name for one in steps)
        raise AnswerRefused(field="step", value=command.step[:40], allowed=allowed)
    try:
        values = read_step(step, command.values)
    except BadAnswer as problem:
        raise AnswerRefused(
            field=problem.field, value=problem.value, allowed=problem.allowed
        ) from problem
    answers = unseal(case.answers_sealed, Application, "answers_sealed", case.pk)
    answers[step.name] = values
    case.answers_sealed = seal(answers, Application, "answers_sealed", case.pk)
    case.revision += 1
    case.changed_at = call.at
    _show_on_lists(case, answers)
    case.save()
    return Saved(application_id=case.pk, revision=case.revision, missing=missing(steps, answers))


def _show_on_lists(case: Application, answers: dict[str, dict[str, str]]) -> None:
    loan = answers.get("loan", {})
    case.amount_minor = Money.yuan(loan["amount"]).minor if loan.get("amount") else None
    case.term_count = int(loan["term_count"]) if loan.get("term_count") else None
