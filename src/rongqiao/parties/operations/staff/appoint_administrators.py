"""The first two administrators of a new installation; every later role needs the two of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import RoleGrant, User
from rongqiao.parties.queries import user_of
from rongqiao.parties.words import GrantState
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role


class AlreadyAppointed(Refusal):
    """The installation has had administrators before."""

    kind, code = Kind.CONFLICT, "parties.already-appointed"


class TwoPeopleNeeded(Refusal):
    """It takes two different people, appointed by the installation and not by a user."""

    kind, code = Kind.INVALID, "parties.two-people-needed"


@dataclass(frozen=True, kw_only=True)
class AppointAdministrators:
    """The two."""

    first_user_id: UUID
    second_user_id: UUID


@dataclass(frozen=True, kw_only=True)
class AdministratorsAppointed:
    """Their grants."""

    grant_ids: tuple[UUID, ...]


@operation("parties.appoint_administrators", restore=AdministratorsAppointed)
def appoint_administrators(command: AppointAdministrators, call: Call) -> AdministratorsAppointed:
    """Appoint the first two, once in the life of an installation, by the system alone.

    Raises TwoPeopleNeeded, AlreadyAppointed, NotFound.
    """
    wanted = [command.first_user_id, command.second_user_id]
    if len(set(wanted)) != 2 or user_of(call.actor) is not None:
        raise TwoPeopleNeeded
    # Locking the users by id keeps two set-ups apart that name the same people.
    users = User.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    if len(users) != 2:
        raise NotFound(what="user")
    if RoleGrant.objects.filter(role=Role.ADMINISTRATOR).exists():
        raise AlreadyAppointed
    grants = [
        RoleGrant(
            id=new_id(call.at),
            user_id=user_id,
            role=Role.ADMINISTRATOR,
            state=GrantState.CONFIRMED,
            proposed_by=call.actor,
            proposed_at=call.at,
            decided_by=f"founding:{call.actor}",
            decided_at=call.at,
        )
        for user_id in wanted
    ]
    RoleGrant.objects.bulk_create(grants)
    return AdministratorsAppointed(grant_ids=tuple(grant.pk for grant in grants))
