"""Parties that come with a portfolio of another system: sealed as any other, nobody logs in yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from rongqiao.parties.models import Awaited, Organization, Party, Person, User
from rongqiao.parties.queries import Belonging, find_identities
from rongqiao.parties.sealing import phone_index, resident_index, seal, unseal
from rongqiao.parties.words import PartyKind
from rongqiao.platform.ids import new_id
from rongqiao.platform.operations import Call, inside_operation

AT_ONCE = 2_000


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """Who comes, with numbers in normal form; `kind` is a PartyKind."""

    reference: str
    kind: str
    name: str
    number: str
    phone: str
    representative_name: str
    representative_id: str


@dataclass(frozen=True, kw_only=True)
class CameIn:
    """The party of a newcomer, what it is counted with, and whether it is new here."""

    party_id: UUID
    belonging: Belonging
    is_new: bool


def bring_in(newcomers: Sequence[Newcomer], call: Call) -> Mapping[str, CameIn]:
    """Find or make each one's party inside the caller's operation; return them by reference.

    Who is registered already stays as they are. A number that somebody registers meanwhile ends
    the operation with the database's own error: it is tried again.
    """
    assert inside_operation(), "parties brought in outside an operation"
    known = find_identities(one.number for one in newcomers)
    found: dict[str, CameIn] = {}
    fresh: list[tuple[UUID, Newcomer]] = []
    for one in newcomers:
        held = known.get(one.number)
        party_id = held.party_id if held else new_id(call.at)
        behind = held.behind if held else resident_index(_behind(one)).hex()
        found[one.reference] = CameIn(
            party_id=party_id, belonging=_belonging(one, behind), is_new=held is None
        )
        if held is None:
            fresh.append((party_id, one))
    _write(fresh, call)
    return found


def _behind(one: Newcomer) -> str:
    return one.number if one.kind == PartyKind.PERSON else one.representative_id


def _belonging(one: Newcomer, behind: str) -> Belonging:
    # GB/T 2260 in a resident id; GB 32100-2015: the region of the registering authority.
    province = one.number[:2] if one.kind == PartyKind.PERSON else one.number[2:4]
    return Belonging(kind=one.kind, behind=behind, province=province)


def _write(fresh: Sequence[tuple[UUID, Newcomer]], call: Call) -> None:
    Party.objects.bulk_create(
        [Party(id=pk, kind=one.kind, registered_at=call.at) for pk, one in fresh],
        batch_size=AT_ONCE,
    )
    Person.objects.bulk_create(
        [_person(pk, one) for pk, one in fresh if one.kind == PartyKind.PERSON],
        batch_size=AT_ONCE,
    )
    Organization.objects.bulk_create(
        [_firm(pk, one) for pk, one in fresh if one.kind != PartyKind.PERSON], batch_size=AT_ONCE
    )
    Awaited.objects.bulk_create([_awaited(pk, one) for pk, one in fresh], batch_size=AT_ONCE)


def _person(party_id: UUID, one: Newcomer) -> Person:
    return Person(
        party_id=party_id,
        name_sealed=seal(one.name, "person", "name", party_id),
        resident_id_sealed=seal(one.number, "person", "resident_id", party_id),
        resident_id_index=resident_index(one.number),
    )


def _firm(party_id: UUID, one: Newcomer) -> Organization:
    name, number = one.representative_name, one.representative_id
    return Organization(
        party_id=party_id,
        name=one.name,
        uscc=one.number,
        legal_representative_name_sealed=seal(
            name, "organization", "legal_representative_name", party_id
        ),
        legal_representative_id_sealed=seal(
            number, "organization", "legal_representative_id", party_id
        ),
        legal_representative_index=resident_index(number),
    )


def _awaited(party_id: UUID, one: Newcomer) -> Awaited:
    return Awaited(
        party_id=party_id,
        phone_sealed=seal(one.phone, "awaited", "phone", party_id),
        phone_index=phone_index(one.phone),
    )


def take_up_awaited(party_id: UUID, user_id: UUID, name: str, call: Call) -> bool:
    """Let a user take up a party that came from elsewhere, inside the caller's operation.

    Tell whether they may: nobody has before, the name is the same, and the user has proved the
    phone number that came with it; an identity number alone is known to too many.
    """
    row = Awaited.objects.select_for_update().filter(pk=party_id, taken_up_at=None).first()
    if row is None or not _is_named(party_id, name):
        return False
    proved = User.objects.filter(
        pk=user_id, phone_index=bytes(row.phone_index), phone_verified_at__isnull=False
    )
    if not proved.exists():
        return False
    row.taken_up_at = call.at
    row.save(update_fields=["taken_up_at"])
    return True


def _is_named(party_id: UUID, name: str) -> bool:
    person = Person.objects.filter(pk=party_id).first()
    if person is not None:
        return unseal(person.name_sealed, "person", "name", party_id) == name
    return Organization.objects.filter(pk=party_id, name=name).exists()
