"""A user says who they are: the person behind the log-in, once for every resident id."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.events import PartyRegistered
from rongqiao.parties.models import Membership, Party, Person
from rongqiao.parties.operations.bring_in import take_up_awaited
from rongqiao.parties.operations.refusals import acting_as, checked
from rongqiao.parties.queries import person_of
from rongqiao.parties.sealing import resident_index, seal
from rongqiao.parties.words import PartyKind, Standing
from rongqiao.platform.events import publish
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, operation, sensitive
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.identifiers import person_name, resident_id

# Full capacity for civil acts begins at eighteen (Civil Code, art. 17 and 18).
AGE_OF_MAJORITY = 18


class IdentityInUse(Refusal):
    """The resident id is registered already; whose it is stays untold."""

    kind, code = Kind.CONFLICT, "parties.identity-in-use"


class AlreadyIdentified(Refusal):
    """The user has said who they are before."""

    kind, code = Kind.CONFLICT, "parties.already-identified"


class UnderAge(Refusal):
    """The person is younger than eighteen; fact: `allowed`."""

    kind, code = Kind.INVALID, "parties.under-age"


@dataclass(frozen=True, kw_only=True)
class RegisterPerson:
    """Real name and resident id of the user."""

    user_id: UUID
    name: str = sensitive()
    resident_id: str = sensitive()


@dataclass(frozen=True, kw_only=True)
class Registered:
    """The new party."""

    party_id: UUID


@operation("parties.register_person", restore=Registered)
def register_person(command: RegisterPerson, call: Call) -> Registered:
    """Register the user's own person and tell PartyRegistered.

    Raises NotYours, IdentifierRefused, UnderAge, AlreadyIdentified, IdentityInUse.
    """
    acting_as(call, command.user_id)
    name = checked("name", lambda: person_name(command.name))
    resident = checked("resident_id", lambda: resident_id(command.resident_id, call.on))
    if resident.age_on(call.on) < AGE_OF_MAJORITY:
        raise UnderAge(field="resident_id", allowed=str(AGE_OF_MAJORITY))
    if person_of(command.user_id) is not None:
        raise AlreadyIdentified
    index = resident_index(resident.number)
    held = Person.objects.filter(resident_id_index=index).values_list("pk", flat=True).first()
    if held is not None and take_up_awaited(held, command.user_id, name, call):
        party_id = held
    else:
        party_id = _make(name, resident.number, call)
    membership = Membership(
        id=new_id(call.at),
        user_id=command.user_id,
        party_id=party_id,
        standing=Standing.SELF,
        since_at=call.at,
    )
    Membership.objects.bulk_create([membership], ignore_conflicts=True)
    if not Membership.objects.filter(pk=membership.pk).exists():
        raise AlreadyIdentified
    publish(
        PartyRegistered(
            party_id=party_id,
            kind=PartyKind.PERSON,
            user_id=command.user_id,
            happened_at=call.at,
            happened_on=call.on,
        )
    )
    return Registered(party_id=party_id)


def _make(name: str, number: str, call: Call) -> UUID:
    party_id = new_id(call.at)
    Party.objects.create(id=party_id, kind=PartyKind.PERSON, registered_at=call.at)
    row = Person(
        party_id=party_id,
        name_sealed=seal(name, "person", "name", party_id),
        resident_id_sealed=seal(number, "person", "resident_id", party_id),
        resident_id_index=resident_index(number),
    )
    # ON CONFLICT waits for a rival's commit, so that of many at once exactly one is told yes.
    Person.objects.bulk_create([row], ignore_conflicts=True)
    if not Person.objects.filter(pk=party_id).exists():
        raise IdentityInUse
    return party_id
