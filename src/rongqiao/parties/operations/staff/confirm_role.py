"""A second administrator puts a proposed role in force."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.events import RoleChanged
from rongqiao.parties.models import RoleGrant
from rongqiao.parties.operations.staff.propose_role import (
    administrator_acting,
    lock_user,
    refuse_conflicts,
)
from rongqiao.parties.words import GrantState
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role


class AnotherAdministratorNeeded(Refusal):
    """Who proposed a role cannot confirm it."""

    kind, code = Kind.FORBIDDEN, "parties.another-administrator-needed"


class GrantNotOpen(Refusal):
    """The proposal was decided before."""

    kind, code = Kind.CONFLICT, "parties.grant-not-open"


@dataclass(frozen=True, kw_only=True)
class ConfirmRole:
    """Which proposal; `is_confirmed` False declines it."""

    grant_id: UUID
    is_confirmed: bool = True


@dataclass(frozen=True, kw_only=True)
class RoleDecided:
    """How it ended."""

    grant_id: UUID
    state: str


@operation("parties.confirm_role", restore=RoleDecided)
def confirm_role(command: ConfirmRole, call: Call) -> RoleDecided:
    """Confirm or decline a proposed role and, where confirmed, tell RoleChanged.

    Raises AdministratorNeeded, OwnRole, AnotherAdministratorNeeded, GrantNotOpen, RolesConflict,
    NotFound.
    """
    grant = RoleGrant.objects.select_for_update().filter(pk=command.grant_id).first()
    if grant is None:
        raise NotFound(what="grant")
    administrator_acting(call, grant.user_id)
    if grant.proposed_by == call.actor:
        raise AnotherAdministratorNeeded
    if grant.state != GrantState.PROPOSED:
        raise GrantNotOpen(state=grant.state)
    lock_user(grant.user_id)
    if command.is_confirmed:
        refuse_conflicts(grant.user_id, Role(grant.role))
    grant.state = GrantState.CONFIRMED if command.is_confirmed else GrantState.DECLINED
    grant.decided_by, grant.decided_at = call.actor, call.at
    grant.save(update_fields=["state", "decided_by", "decided_at"])
    if command.is_confirmed:
        publish(
            RoleChanged(
                user_id=grant.user_id,
                role=grant.role,
                is_held=True,
                happened_at=call.at,
                happened_on=call.on,
            )
        )
    return RoleDecided(grant_id=grant.pk, state=grant.state)
