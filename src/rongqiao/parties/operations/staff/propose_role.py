"""An administrator proposes a staff role for somebody else."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import RoleGrant, User
from rongqiao.parties.queries import person_keys_of, roles_of, user_of
from rongqiao.parties.words import GrantState
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role, may_be_held_together


class AdministratorNeeded(Refusal):
    """Only administrators give and take roles."""

    kind, code = Kind.FORBIDDEN, "parties.administrator-needed"


class OwnRole(Refusal):
    """Nobody gives, confirms or takes a role of their own, under whatever log-in."""

    kind, code = Kind.FORBIDDEN, "parties.own-role"


class UnknownRole(Refusal):
    """There is no such role; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "parties.unknown-role"


class RolesConflict(Refusal):
    """One person may not hold both roles; facts: `role`, `held`."""

    kind, code = Kind.CONFLICT, "parties.roles-conflict"


class RoleThere(Refusal):
    """The role is proposed or held already."""

    kind, code = Kind.CONFLICT, "parties.role-there"


@dataclass(frozen=True, kw_only=True)
class ProposeRole:
    """Which role for whom."""

    user_id: UUID
    role: str


@dataclass(frozen=True, kw_only=True)
class RoleProposed:
    """The grant another administrator has to confirm."""

    grant_id: UUID


@operation("parties.propose_role", restore=RoleProposed)
def propose_role(command: ProposeRole, call: Call) -> RoleProposed:
    """Propose a role; it is worth nothing until another administrator confirms it.

    Raises AdministratorNeeded, OwnRole, UnknownRole, RolesConflict, RoleThere, NotFound.
    """
    administrator_acting(call, command.user_id)
    try:
        role = Role(command.role)
    except ValueError as error:
        allowed = ", ".join(sorted(Role))
        raise UnknownRole(field="role", value=command.role, allowed=allowed) from error
    lock_user(command.user_id)
    refuse_conflicts(command.user_id, role)
    grant = RoleGrant(
        id=new_id(call.at),
        user_id=command.user_id,
        role=role,
        state=GrantState.PROPOSED,
        proposed_by=call.actor,
        proposed_at=call.at,
    )
    RoleGrant.objects.bulk_create([grant], ignore_conflicts=True)
    if not RoleGrant.objects.filter(pk=grant.pk).exists():
        raise RoleThere(role=role)
    return RoleProposed(grant_id=grant.pk)


def administrator_acting(call: Call, on_user: UUID) -> None:
    """Refuse unless the actor is an administrator and somebody else than `on_user`.

    Raises AdministratorNeeded, OwnRole.
    """
    acting = user_of(call.actor)
    if acting is None or Role.ADMINISTRATOR not in roles_of(acting):
        raise AdministratorNeeded
    if acting == on_user or person_keys_of(acting) & person_keys_of(on_user):
        raise OwnRole


def lock_user(user_id: UUID) -> None:
    """Take the user's row, so that two roles for one person are weighed one after the other."""
    if User.objects.select_for_update().filter(pk=user_id).first() is None:
        raise NotFound(what="user")


def refuse_conflicts(user_id: UUID, role: Role) -> None:
    """Refuse a role that may not stand beside those held. Raises RolesConflict."""
    for held in sorted(roles_of(user_id)):
        if not may_be_held_together(role, held):
            raise RolesConflict(role=role, held=held)
