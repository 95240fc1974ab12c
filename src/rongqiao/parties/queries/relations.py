"""Which parties the same human being stands behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from uuid import UUID

from rongqiao.parties.models import Organization, Person
from rongqiao.parties.queries.owners import in_force


def with_same_person(party_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Return by party the others that the same person is, stands for by law, or owns.

    A person and the firms they represent or own, and firms with a representative or an owner in
    common; owners as the firms declared them. In six queries.
    """
    wanted = list(party_ids)
    own: dict[UUID, set[bytes]] = defaultdict(set)
    for party_id, index in (
        *_people(pk__in=wanted),
        *_firms(pk__in=wanted),
        *_owned(declaration__organization_id__in=wanted),
    ):
        own[party_id].add(index)
    people = list({index for indexes in own.values() for index in indexes})
    alike: dict[bytes, set[UUID]] = defaultdict(set)
    for party_id, index in (
        *_people(resident_id_index__in=people),
        *_firms(legal_representative_index__in=people),
        *_owned(resident_id_index__in=people),
    ):
        alike[index].add(party_id)
    return {
        party_id: frozenset(set[UUID]().union(*(alike[one] for one in indexes)) - {party_id})
        for party_id, indexes in own.items()
    }


def _people(**which: object) -> Iterator[tuple[UUID, bytes]]:
    rows = Person.objects.filter(**which).values_list("pk", "resident_id_index")
    return ((pk, bytes(index)) for pk, index in rows)


def _firms(**which: object) -> Iterator[tuple[UUID, bytes]]:
    rows = Organization.objects.filter(**which).values_list("pk", "legal_representative_index")
    return ((pk, bytes(index)) for pk, index in rows)


def _owned(**which: object) -> Iterator[tuple[UUID, bytes]]:
    rows = in_force().filter(**which)
    found = rows.values_list("declaration__organization_id", "resident_id_index")
    return ((pk, bytes(index)) for pk, index in found)
