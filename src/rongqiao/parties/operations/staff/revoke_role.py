"""An administrator takes a role away, at once: less power needs no second pair of eyes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.events import RoleChanged
from rongqiao.parties.models import RoleGrant
from rongqiao.parties.operations.staff.propose_role import administrator_acting
from rongqiao.parties.words import GrantState
from rongqiao.platform.events import publish
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound


@dataclass(frozen=True, kw_only=True)
class RevokeRole:
    """Which role of whom."""

    user_id: UUID
    role: str


@dataclass(frozen=True, kw_only=True)
class RoleRevoked:
    """The grant that is over."""

    grant_id: UUID


@operation("parties.revoke_role", restore=RoleRevoked)
def revoke_role(command: RevokeRole, call: Call) -> RoleRevoked:
    """End a role in force and tell RoleChanged. Raises AdministratorNeeded, OwnRole, NotFound."""
    administrator_acting(call, command.user_id)
    grant = (
        RoleGrant.objects.select_for_update()
        .filter(user_id=command.user_id, role=command.role, state=GrantState.CONFIRMED)
        .first()
    )
    if grant is None:
        raise NotFound(what="grant")
    grant.state = GrantState.REVOKED
    grant.revoked_by, grant.revoked_at = call.actor, call.at
    grant.save(update_fields=["state", "revoked_by", "revoked_at"])
    publish(
        RoleChanged(
            user_id=grant.user_id,
            role=grant.role,
            is_held=False,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return RoleRevoked(grant_id=grant.pk)
