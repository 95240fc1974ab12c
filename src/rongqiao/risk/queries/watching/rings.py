"""Rings for their list, and one ring laid out as a picture with its tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.fraud.attributes import BEARINGS, Kind
from rongqiao.risk.fraud.drawing import Picture, draw, letter_of, side_by_side
from rongqiao.risk.fraud.graph import Groups
from rongqiao.risk.models.fraud import OPEN, FraudCase, Ring, RingMember

PAGE = 50
# So many attributes are drawn; a ring's table has the same.
MOST_MARKS = 12
_JOINING = [kind.value for kind, bearing in BEARINGS.items() if bearing.joins]


@dataclass(frozen=True, kw_only=True)
class RingRow:
    """A ring in a list."""

    id: UUID
    number: str
    size: int
    kinds: tuple[str, ...]
    found_at: datetime
    gathered_at: datetime
    is_live: bool


@dataclass(frozen=True, kw_only=True)
class RingMark:
    """An attribute that joins a ring: its letter in the picture, kind, digest, holders."""

    letter: str
    kind: str
    index: str
    holders: int


@dataclass(frozen=True, kw_only=True)
class RingPerson:
    """A party of a ring: its number in the picture, and the letters of what it holds."""

    number: int
    subject_id: UUID
    since_at: datetime
    letters: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RingView:
    """A ring whole: picture, and the two tables that say the same in words."""

    row: RingRow
    people: tuple[RingPerson, ...]
    marks: tuple[RingMark, ...]
    marks_left_out: int
    picture: Picture
    case_id: UUID | None


def list_rings(skipping: int = 0, limit: int = PAGE) -> tuple[RingRow, ...]:
    """Return the rings there are now, largest first."""
    rows = Ring.objects.filter(is_live=True).order_by("-size", "id")
    return tuple(_row(one) for one in rows[skipping : skipping + limit])


def count_rings() -> int:
    """Return how many rings there are now."""
    return Ring.objects.filter(is_live=True).count()


def get_ring(ring_id: UUID) -> RingView:
    """Return a ring with its picture, in four queries; raises NotFound."""
    ring = Ring.objects.filter(pk=ring_id).first()
    if ring is None:
        raise NotFound(what="ring")
    members = list(RingMember.objects.filter(ring=ring).order_by("since_at", "subject_id"))
    shared = _shared({one.subject_id: position for position, one in enumerate(members)})
    order = side_by_side(len(members), [(kind, holders) for kind, _, holders in shared])
    members = [members[one] for one in order]
    position_now = {was: now for now, was in enumerate(order)}
    shown = [
        (kind, index, sorted(position_now[one] for one in holders))
        for kind, index, holders in shared[:MOST_MARKS]
    ]
    letters: dict[int, list[str]] = {}
    for position, (_kind, _index, holders) in enumerate(shown):
        for one in holders:
            letters.setdefault(one, []).append(letter_of(position))
    cases = FraudCase.objects.filter(subject_id=ring_id).order_by("-opened_at")
    return RingView(
        row=_row(ring),
        people=tuple(
            RingPerson(
                number=position + 1,
                subject_id=one.subject_id,
                since_at=one.since_at,
                letters=tuple(letters.get(position, ())),
            )
            for position, one in enumerate(members)
        ),
        marks=tuple(
            RingMark(letter=letter_of(i), kind=kind.value, index=index.hex(), holders=len(holders))
            for i, (kind, index, holders) in enumerate(shown)
        ),
        marks_left_out=len(shared) - len(shown),
        picture=draw(len(members), [(kind, holders) for kind, _, holders in shown]),
        case_id=next((one.pk for one in cases if one.state in OPEN), None)
        or next((one.pk for one in cases), None),
    )


def _shared(place: dict[UUID, int]) -> list[tuple[Kind, bytes, list[int]]]:
    """Return what joins the members now, most shared first, holders by their position."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT coalesce(account.party_id, trace.subject_id), trace.kind, trace.index
               FROM risk_trace AS trace
               LEFT JOIN risk_tracedaccount AS account ON account.account_id = trace.subject_id
               WHERE trace.kind = ANY(%(kinds)s) AND (trace.subject_id = ANY(%(ids)s)
                 OR trace.subject_id IN (
                   SELECT account_id FROM risk_tracedaccount WHERE party_id = ANY(%(ids)s)))""",
            {"kinds": _JOINING, "ids": list(place)},
        )
        links = [(subject, (Kind(kind), bytes(index))) for subject, kind, index in cursor]
    found = []
    for group in Groups(links).all():
        for (kind, index), holders in group.marks:
            positions = sorted(place[one] for one in holders if one in place)  # type: ignore[index]
            found.append((kind, bytes(index), positions))  # type: ignore[call-overload]
    return sorted(found, key=lambda one: (-len(one[2]), one[0], one[1]))


def _row(ring: Ring) -> RingRow:
    return RingRow(
        id=ring.pk,
        number=ring.number,
        size=ring.size,
        kinds=tuple(filter(None, ring.kinds.split(","))),
        found_at=ring.found_at,
        gathered_at=ring.gathered_at,
        is_live=ring.is_live,
    )
