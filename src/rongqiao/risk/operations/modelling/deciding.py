"""Who may work on scoring models, and that no one person releases one."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from rongqiao.parties.queries import person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role
from rongqiao.risk.models.registry import ModelDecision, ScoringModel

ROLE = Role.RISK_ANALYST
LONGEST_REASON = 1000


class ModelRoleNeeded(Refusal):
    """The actor is no risk analyst; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "risk.model-role-needed"


class ModelSecondPersonNeeded(Refusal):
    """Whoever proposed a model does not release it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "risk.model-second-person-needed"


class ModelReasonNeeded(Refusal):
    """Why is not said, or at too great a length; facts: `field`, `allowed`."""

    kind, code = Kind.INVALID, "risk.model-reason-needed"


class ModelDecided(Refusal):
    """The model is no longer in the state that the word is for; fact: `state`."""

    code = "risk.model-decided"


class ModelDayPast(Refusal):
    """The day is before the business date; facts: `field`, `value`, `allowed`."""

    kind, code = Kind.INVALID, "risk.model-day-past"


def acting(call: Call) -> UUID:
    """Return the risk analyst who acts. Raises ModelRoleNeeded."""
    user_id = user_of(call.actor)
    if user_id is None or ROLE not in roles_of(user_id):
        raise ModelRoleNeeded(allowed=ROLE.value)
    return user_id


def refuse_same_person(proposed_by: str, user_id: UUID) -> None:
    """Raise ModelSecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise ModelSecondPersonNeeded


def plain_reason(reason: str) -> str:
    """Return the reason without needless spaces. Raises ModelReasonNeeded."""
    plain = " ".join(reason.split())
    if not 0 < len(plain) <= LONGEST_REASON:
        raise ModelReasonNeeded(field="reason", allowed=str(LONGEST_REASON))
    return plain


def lock_models() -> None:
    """Let nobody else put forward or decide until this transaction ends: rows are never updated."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('risk.models', 0))")


def model_and_words(model_id: UUID) -> tuple[ScoringModel, dict[str, ModelDecision]]:
    """Return a model and what was decided on it by word. Raises NotFound."""
    model = ScoringModel.objects.filter(pk=model_id).first()
    if model is None:
        raise NotFound(what="scoring-model")
    return model, {one.word: one for one in model.decisions.all()}
