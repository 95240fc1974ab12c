"""Who may propose and release placement plans, and why one may be refused."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from rongqiao.parties.queries import person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role

PROPOSERS = (Role.RISK_ANALYST,)
DECIDERS = (Role.FINANCE, Role.APPROVER, Role.RISK_ANALYST)


class PlanRoleNeeded(Refusal):
    """The actor holds no role that may do this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "risk.plan-role-needed"


class PlanSecondPersonNeeded(Refusal):
    """Whoever proposed a plan does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "risk.plan-second-person-needed"


class NotYourPlan(Refusal):
    """Only the proposer takes a plan back."""

    kind, code = Kind.FORBIDDEN, "risk.not-your-plan"


class PlanNotWaiting(Refusal):
    """The plan was decided before; fact: `number`."""

    code = "risk.plan-not-waiting"


def acting(call: Call, roles: Iterable[Role]) -> UUID:
    """Return the user who acts in one of `roles`. Raises PlanRoleNeeded."""
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise PlanRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    return user_id


def refuse_same_person(proposed_by: str, user_id: UUID) -> None:
    """Raise PlanSecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise PlanSecondPersonNeeded


def lock_plans() -> None:
    """Let one write of plans happen at a time: numbers without gaps, one released a period."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('risk.plans', 0))")
