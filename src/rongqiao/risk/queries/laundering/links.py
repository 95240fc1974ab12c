"""Who stands close to a customer: what a round trip may come back by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from rongqiao.money.payments.queries.movements import payer_keys
from rongqiao.parties.queries.relations import with_same_person
from rongqiao.risk.models.laundering.keeping import ClearedLink, ClearingGround
from rongqiao.risk.queries.laundering.opening import text_of
from rongqiao.risk.queries.watching.sharing import sharers_of

SHARES, SAME_PERSON, GUARANTEE = "shares", "same-person", "guarantee"
REASONS = frozenset({SHARES, SAME_PERSON, GUARANTEE})
NO_LINK, NAMESAKE = ClearingGround.NO_LINK.value, ClearingGround.NAMESAKE.value


@dataclass(frozen=True, kw_only=True)
class Told:
    """What lending knows of customers: (for whom, by whom) a guarantee is, income a month in fen.

    Risk reads no loan: whoever calls it hands this over.
    """

    guarantees: tuple[tuple[UUID, UUID], ...] = field(default=())
    incomes: tuple[tuple[UUID, int], ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class LinkWord:
    """An officer's word on a link: whether and on which ground it is cleared, for which reasons.

    `number` counts the words on the two; `reason` is opened by `words_about` alone.
    """

    other_id: UUID
    number: int
    reasons: frozenset[str]
    is_cleared: bool
    ground: str
    cleared_by: str
    cleared_at: datetime
    reason: str = ""

    def clears(self, whys: Collection[str]) -> bool:
        """Tell whether nothing that links the two now is new since the word."""
        return self.is_cleared and set(whys) <= self.reasons


def linked_parties(
    party_ids: Collection[UUID], guarantees: Iterable[tuple[UUID, UUID]]
) -> dict[UUID, dict[UUID, frozenset[str]]]:
    """Return by customer who is linked and why, in eight queries whatever their number.

    Linked is who was seen with the same device, card, phone, address or e-mail (as rings are
    joined), whom the same person stands behind by law or owns, and who guarantees or is guaranteed.
    What an officer cleared is left out, until there is another reason.
    """
    words = _words(party_ids)
    return {
        party_id: {
            other: whys
            for other, whys in others.items()
            if not _is_cleared(words.get(_pair(party_id, other)), whys, NO_LINK)
        }
        for party_id, others in circles_of(party_ids, guarantees).items()
    }


def linked_payers(
    party_ids: Collection[UUID], guarantees: Iterable[tuple[UUID, UUID]]
) -> dict[UUID, frozenset[str]]:
    """Return by customer the keys that linked parties have as payers, in ten queries.

    Whose namesake it was that paid, as an officer found, is left out too.
    """
    words = _words(party_ids)
    circles = circles_of(party_ids, guarantees)
    keys = payer_keys({other for others in circles.values() for other in others})
    return {
        party_id: frozenset(
            keys[other]
            for other, whys in others.items()
            if other in keys
            and not _is_cleared(words.get(_pair(party_id, other)), whys, NO_LINK, NAMESAKE)
        )
        for party_id, others in circles.items()
    }


def circles_of(
    party_ids: Collection[UUID], guarantees: Iterable[tuple[UUID, UUID]]
) -> dict[UUID, dict[UUID, frozenset[str]]]:
    """Return who is linked and why, whatever an officer said of it."""
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


def word_on(party_id: UUID, other_id: UUID) -> LinkWord | None:
    """Return the latest word on a link, its reason sealed; None where nobody spoke."""
    return _words([party_id]).get(_pair(party_id, other_id))


def words_about(party_id: UUID) -> tuple[LinkWord, ...]:
    """Return every word on a party's links, newest first, with its reason."""
    rows = ClearedLink.objects.filter(Q(party_id=party_id) | Q(other_id=party_id))
    return tuple(
        replace(
            _word(row, row.other_id if row.party_id == party_id else row.party_id),
            reason=text_of(row.reason_sealed, "clearedlink", "reason_sealed", row.pk),
        )
        for row in rows.order_by("-cleared_at", "-number")
    )


def _is_cleared(word: LinkWord | None, whys: Collection[str], *grounds: str) -> bool:
    return word is not None and word.ground in grounds and word.clears(whys)


def _words(party_ids: Collection[UUID]) -> dict[frozenset[UUID], LinkWord]:
    """Return the latest word on each pair that one of the parties is of, in one query."""
    wanted = list(party_ids)
    rows = ClearedLink.objects.filter(Q(party_id__in=wanted) | Q(other_id__in=wanted))
    return {
        _pair(row.party_id, row.other_id): _word(row, row.other_id)
        for row in rows.order_by("number")
    }


def _pair(one: UUID, other: UUID) -> frozenset[UUID]:
    return frozenset((one, other))


def _word(row: ClearedLink, other_id: UUID) -> LinkWord:
    return LinkWord(
        other_id=other_id,
        number=row.number,
        reasons=frozenset(row.reasons),
        is_cleared=row.is_cleared,
        ground=row.ground,
        cleared_by=row.cleared_by,
        cleared_at=row.cleared_at,
    )
