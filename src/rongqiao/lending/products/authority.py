"""Who may change products: staff by role, and never one person alone."""

from __future__ import annotations

from uuid import UUID

from rongqiao.parties.queries import person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role


class RoleNeeded(Refusal):
    """The actor does not hold a role that may do this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "products.role-needed"


class SecondPersonNeeded(Refusal):
    """Whoever drafted the terms may not put them into force, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "products.second-person-needed"


def acting_staff(call: Call, *roles: Role) -> UUID:
    """Return the acting user, who holds one of `roles`; raises RoleNeeded."""
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & set(roles):
        raise RoleNeeded(allowed=", ".join(role.value for role in roles))
    return user_id


def check_second_person(maker: str, checker: UUID) -> None:
    """Raise SecondPersonNeeded where maker and checker are one user or one person."""
    maker_id = user_of(maker)
    if maker_id is None:
        return
    if maker_id == checker or person_keys_of(maker_id) & person_keys_of(checker):
        raise SecondPersonNeeded
