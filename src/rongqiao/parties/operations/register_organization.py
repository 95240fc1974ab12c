"""A user brings the enterprise they stand or act for."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.events import PartyRegistered
from rongqiao.parties.models import Membership, Organization, Party, Person
from rongqiao.parties.operations.bring_in import take_up_awaited
from rongqiao.parties.operations.refusals import acting_as, checked
from rongqiao.parties.queries import get_identity, person_of
from rongqiao.parties.sealing import resident_index, seal
from rongqiao.parties.words import PartyKind, Standing
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.identifiers import (
    credit_code,
    organization_name,
    person_name,
    resident_id,
)


class IdentityNeeded(Refusal):
    """Who brings an enterprise must have said who they are."""

    kind, code = Kind.CONFLICT, "parties.identity-needed"


class OrganizationInUse(Refusal):
    """The credit code is registered already; by whom stays untold."""

    kind, code = Kind.CONFLICT, "parties.organization-in-use"


@dataclass(frozen=True, kw_only=True)
class RegisterOrganization:
    """An enterprise. Without a representative named, the user is the legal representative."""

    user_id: UUID
    name: str
    uscc: str
    legal_representative_name: str = sensitive(default="")
    legal_representative_id: str = sensitive(default="")


@dataclass(frozen=True, kw_only=True)
class OrganizationRegistered:
    """The new party; the warning is for an organisation code whose inner digit is off."""

    party_id: UUID
    is_organisation_code_consistent: bool


@operation("parties.register_organization", restore=OrganizationRegistered)
def register_organization(command: RegisterOrganization, call: Call) -> OrganizationRegistered:
    """Register an enterprise with the user as its first member and tell PartyRegistered.

    Raises NotYours, IdentifierRefused, IdentityNeeded, OrganizationInUse.
    """
    acting_as(call, command.user_id)
    own = person_of(command.user_id)
    if own is None:
        raise IdentityNeeded
    name = checked("name", lambda: organization_name(command.name))
    code = checked("uscc", lambda: credit_code(command.uscc))
    representative, number = _representative(command, own, call)
    index = resident_index(number)
    # A firm that came with a portfolio is taken up under the same representative alone.
    held = Organization.objects.filter(uscc=code.number, legal_representative_index=index).first()
    if held is not None and take_up_awaited(held.pk, command.user_id, name, call):
        party_id = held.pk
    else:
        party_id = _make(name, code.number, (representative, number), call)
    is_self = Person.objects.filter(pk=own, resident_id_index=index).exists()
    Membership.objects.create(
        id=new_id(call.at),
        user_id=command.user_id,
        party_id=party_id,
        standing=Standing.LEGAL_REPRESENTATIVE if is_self else Standing.AGENT,
        since_at=call.at,
    )
    publish(
        PartyRegistered(
            party_id=party_id,
            kind=PartyKind.ORGANIZATION,
            user_id=command.user_id,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return OrganizationRegistered(
        party_id=party_id,
        is_organisation_code_consistent=code.is_organisation_code_consistent,
    )


def _make(name: str, uscc: str, representative: tuple[str, str], call: Call) -> UUID:
    party_id = new_id(call.at)
    Party.objects.create(id=party_id, kind=PartyKind.ORGANIZATION, registered_at=call.at)
    row = Organization(
        party_id=party_id,
        name=name,
        uscc=uscc,
        legal_representative_name_sealed=seal(
            representative[0], "organization", "legal_representative_name", party_id
        ),
        legal_representative_id_sealed=seal(
            representative[1], "organization", "legal_representative_id", party_id
        ),
        legal_representative_index=resident_index(representative[1]),
    )
    Organization.objects.bulk_create([row], ignore_conflicts=True)
    if not Organization.objects.filter(pk=party_id).exists():
        raise OrganizationInUse
    return party_id


def _representative(command: RegisterOrganization, own: UUID, call: Call) -> tuple[str, str]:
    if not command.legal_representative_name and not command.legal_representative_id:
        identity = get_identity(own, call.on)
        return identity.name, identity.number
    name = checked(
        "legal_representative_name", lambda: person_name(command.legal_representative_name)
    )
    resident = checked(
        "legal_representative_id", lambda: resident_id(command.legal_representative_id, call.on)
    )
    return name, resident.number
