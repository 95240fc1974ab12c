"""Who stands close to a customer: what a round trip may come back by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from rongqiao.money.payments.queries.movements import payer_keys
from rongqiao.parties.queries.relations import with_same_person
from rongqiao.risk.queries.watching.sharing import sharers_of

SHARES, SAME_PERSON, GUARANTEE = "shares", "same-person", "guarantee"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What lending knows of customers: (for whom, by whom) a guarantee is, income a month in fen.

    Risk reads no loan: whoever calls it hands this over.
    """

    guarantees: tuple[tuple[UUID, UUID], ...] = field(default=())
    incomes: tuple[tuple[UUID, int], ...] = field(default=())


def linked_parties(
    party_ids: Collection[UUID], guarantees: Iterable[tuple[UUID, UUID]]
) -> dict[UUID, dict[UUID, frozenset[str]]]:
    """Return by customer who is linked and why, in seven queries whatever their number.

    Linked is who was seen with the same device, card, phone, address or e-mail (as rings are
    joined), whom the same person stands behind by law or owns, and who guarantees or is guaranteed.
    """
    wanted = set(party_ids)
    found: dict[UUID, dict[UUID, set[str]]] = defaultdict(lambda: defaultdict(set))
    for why, circles in ((SHARES, sharers_of(wanted)), (SAME_PERSON, with_same_person(wanted))):
        for party_id, others in circles.items():
            for other in others:
                found[party_id][other].add(why)
    for one, other in guarantees:
        for party_id, linked in ((one, other), (other, one)):
            if party_id in wanted and party_id != linked:
                found[party_id][linked].add(GUARANTEE)
    return {
        party_id: {other: frozenset(why) for other, why in others.items()}
        for party_id, others in found.items()
    }


def linked_payers(
    party_ids: Collection[UUID], guarantees: Iterable[tuple[UUID, UUID]]
) -> dict[UUID, frozenset[str]]:
    """Return by customer the keys that linked parties have as payers, in nine queries."""
    circles = linked_parties(party_ids, guarantees)
    keys = payer_keys({other for others in circles.values() for other in others})
    return {
        party_id: frozenset(keys[other] for other in others if other in keys)
        for party_id, others in circles.items()
    }
