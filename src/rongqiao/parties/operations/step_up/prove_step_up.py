"""The user answers: the code that was texted, or the password."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import StepUp
from rongqiao.parties.queries import user_of
from rongqiao.parties.sealing import step_up_code
from rongqiao.parties.words import StepUpMethod
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class ProveStepUp:
    """Which question, and its answer."""

    step_up_id: UUID
    answer: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class StepUpAnswered:
    """Whether it is proved now; if not, how many tries are left (0: ask anew)."""

    is_proved: bool
    tries_left: int


@operation("parties.prove_step_up", restore=StepUpAnswered)
def prove_step_up(command: ProveStepUp, call: Call) -> StepUpAnswered:
    """Check the answer; a wrong one costs a try, which stays on record. Raises NotFound."""
    user_id = user_of(call.actor)
    if user_id is None:
        raise NotFound(what="step_up")
    row = (
        StepUp.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(pk=command.step_up_id, user_id=user_id)
        .first()
    )
    if row is None:
        raise NotFound(what="step_up")
    if row.proved_at is not None:
        return StepUpAnswered(is_proved=True, tries_left=row.tries_left)
    if row.tries_left == 0 or call.at >= row.expires_at:
        return StepUpAnswered(is_proved=False, tries_left=0)
    row.tries_left -= 1
    if _fits(row, command.answer):
        row.proved_at = call.at
    row.save(update_fields=["tries_left", "proved_at"])
    return StepUpAnswered(is_proved=row.proved_at is not None, tries_left=row.tries_left)


def _fits(row: StepUp, answer: str) -> bool:
    if row.method == StepUpMethod.PASSWORD:
        return row.user.check_password(answer)
    assert row.code_digest is not None, row.pk
    return hmac.compare_digest(bytes(row.code_digest), step_up_code(row.pk, answer.strip()))
