"""Which parties the same human being stands behind, and for whom somebody was here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from rongqiao.parties.models import Membership, Organization, Party, Person
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


def own_affairs(user_id: UUID) -> frozenset[UUID]:
    """Return every party that `is_own_affair` would say is a user's own; in at most six queries.

    Those they act for, and those of whom the same person is, stands for by law, owns, or is one
    of those who act for them under another log-in.
    """
    acting = set(Membership.objects.filter(user_id=user_id).values_list("party_id", flat=True))
    people = [index for _, index in _people(pk__in=acting)]
    if not people:
        return frozenset(acting)
    selves = {pk for pk, _ in _people(resident_id_index__in=people)}
    others = Membership.objects.filter(user__memberships__party_id__in=selves)
    return frozenset(
        acting
        | selves
        | {pk for pk, _ in _firms(legal_representative_index__in=people)}
        | {pk for pk, _ in _owned(resident_id_index__in=people)}
        | set(others.values_list("party_id", flat=True))
    )


def present_since(party_ids: Collection[UUID], at: datetime) -> frozenset[UUID]:
    """Return the parties that came at an instant or after, or for whom somebody was here then.

    Somebody: who acts for the party registered, took it up, or logged in. In two queries.
    """
    wanted = list(party_ids)
    came = Party.objects.filter(pk__in=wanted, registered_at__gte=at)
    acting = Membership.objects.filter(party_id__in=wanted).filter(
        Q(since_at__gte=at) | Q(user__joined_at__gte=at) | Q(user__last_login__gte=at)
    )
    return frozenset(
        {*came.values_list("pk", flat=True), *acting.values_list("party_id", flat=True)}
    )


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
