"""Who may work on the allowance, and that no one person books it."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from rongqiao.lending.servicing.models.allowance import AllowanceRun
from rongqiao.parties.queries import person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

PROPOSERS = (Role.RISK_ANALYST, Role.FINANCE)
DECIDERS = (Role.FINANCE,)
RULE_DECIDERS = (Role.FINANCE, Role.RISK_ANALYST)


class AllowanceRoleNeeded(Refusal):
    """The actor holds no role that may do this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "servicing.allowance-role-needed"


class AllowanceSecondPersonNeeded(Refusal):
    """Whoever proposed it does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "servicing.allowance-second-person-needed"


class AllowanceNotWaiting(Refusal):
    """It is no longer in the state that the word is for; fact: `state`."""

    code = "servicing.allowance-not-waiting"


class NotYourAllowance(Refusal):
    """Only the proposer takes a proposal back."""

    kind, code = Kind.FORBIDDEN, "servicing.not-your-allowance"


def acting(call: Call, roles: Iterable[Role]) -> UUID:
    """Return the user who acts in one of `roles`. Raises AllowanceRoleNeeded."""
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise AllowanceRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    return user_id


def refuse_same_person(proposed_by: str, user_id: UUID) -> None:
    """Raise AllowanceSecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise AllowanceSecondPersonNeeded


def locked_run(run_id: UUID) -> AllowanceRun:
    """Return the run, locked. Raises NotFound."""
    run = AllowanceRun.objects.select_for_update(no_key=True).filter(pk=run_id).first()
    if run is None:
        raise NotFound(what="allowance-run")
    return run
