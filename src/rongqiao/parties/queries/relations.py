"""Which parties the same human being stands behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from rongqiao.parties.models import Organization, Person


def with_same_person(party_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return by party the others that the same person is, or stands for by law; in four queries.

    A person and the firms they represent, and firms with one legal representative.
    """
    own = {**_people(pk__in=list(party_ids)), **_firms(pk__in=list(party_ids))}
    wanted = list(set(own.values()))
    alike: dict[bytes, set[UUID]] = defaultdict(set)
    found = {
        **_people(resident_id_index__in=wanted),
        **_firms(legal_representative_index__in=wanted),
    }
    for party_id, index in found.items():
        alike[index].add(party_id)
    return {party_id: frozenset(alike[index] - {party_id}) for party_id, index in own.items()}


def _people(**which: object) -> dict[UUID, bytes]:
    rows = Person.objects.filter(**which).values_list("pk", "resident_id_index")
    return {pk: bytes(index) for pk, index in rows}


def _firms(**which: object) -> dict[UUID, bytes]:
    rows = Organization.objects.filter(**which).values_list("pk", "legal_representative_index")
    return {pk: bytes(index) for pk, index in rows}
