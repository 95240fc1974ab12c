"""One subject as seen up to a moment, in seven queries whatever it did and with whom it shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.timezone import localtime

from rongqiao.risk.fraud.attributes import BEARINGS, Kind
from rongqiao.risk.fraud.profile import SHARED, Deed, DeviceSeen, Profile
from rongqiao.risk.fraud.velocity import LONGEST, SPANS, Window
from rongqiao.risk.models.fraud import SELF, TracedAccount

# Nobody needs to know how many more share a hub.
COUNTED_MOST = max(bearing.most for bearing in BEARINGS.values()) + 1
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)
GRAVEST = ("black", "grey", "white")


@dataclass(frozen=True)
class OwnMark:
    """An attribute of a subject: kind, digest, when it was first and last seen."""

    kind: str
    index: bytes
    first_at: datetime
    last_at: datetime


@dataclass
class Seen:
    """What the queries of one profile bring together."""

    ids: list[UUID]
    at: datetime
    marks: list[OwnMark] = field(default_factory=list)
    deeds: dict[Deed, dict[Window, int]] = field(default_factory=dict)
    first_by_deed: dict[str, datetime] = field(default_factory=dict)
    last_by_deed: dict[str, datetime] = field(default_factory=dict)
    listed: dict[tuple[str, bytes], str] = field(default_factory=dict)

    @property
    def counted(self) -> list[OwnMark]:
        """Return the attributes that count: those not on the white list."""
        return [one for one in self.marks if self.listed.get((one.kind, one.index)) != "white"]


def subjects_of(party_id: UUID) -> list[UUID]:
    """Return a party and the log-ins that turned out to be it."""
    found = TracedAccount.objects.filter(party_id=party_id).values_list("account_id", flat=True)
    return [party_id, *found]


def profile_of(subject_id: UUID, at: datetime) -> Profile:
    """Return the profile of a party, or of a log-in without one; nothing later than `at` counts."""
    seen = Seen(subjects_of(subject_id), at)
    with connection.cursor() as cursor:
        _read_marks(cursor, seen)
        _read_deeds(cursor, seen)
        _read_lists(cursor, seen)
        shared, alike = _holders(cursor, seen)
        near, homes, registered = _neighbours(cursor, seen)
        ring_size, case = _ring_and_case(cursor, seen)
    return Profile(
        holders=shared,
        deeds=seen.deeds,
        devices=tuple(
            DeviceSeen(one.first_at, one.last_at) for one in seen.marks if one.kind == Kind.DEVICE
        ),
        card_at=seen.last_by_deed.get(Deed.CARD_ADDED),
        contact_homes=homes,
        phone_neighbours=max(0, near - alike),
        network_registrations=registered,
        ring_size=ring_size,
        listed=next((one for one in GRAVEST if one in seen.listed.values()), None),
        case=case,
    )


def _read_marks(cursor: Any, seen: Seen) -> None:
    cursor.execute(
        """SELECT kind, index, min(seen_at), max(seen_at) FROM risk_trace
           WHERE subject_id = ANY(%s) AND kind <> %s AND seen_at <= %s
           GROUP BY kind, index ORDER BY kind, index""",
        [seen.ids, SELF, seen.at],
    )
    seen.marks = [
        OwnMark(kind, bytes(index), first, last) for kind, index, first, last in cursor.fetchall()
    ]


def _read_deeds(cursor: Any, seen: Seen) -> None:
    starts = {f"since_{number}": seen.at - span for number, span in enumerate(SPANS.values())}
    cursor.execute(
        """SELECT deed, min(seen_at), max(seen_at),
                  count(*) FILTER (WHERE seen_at > %(since_0)s),
                  count(*) FILTER (WHERE seen_at > %(since_1)s),
                  count(*) FILTER (WHERE seen_at > %(since_2)s),
                  count(*) FILTER (WHERE seen_at > %(since_3)s)
           FROM risk_trace
           WHERE subject_id = ANY(%(ids)s) AND kind = %(self)s AND seen_at <= %(at)s
           GROUP BY deed""",
        {"ids": seen.ids, "self": SELF, "at": seen.at, **starts},
    )
    for deed, first, last, *counted in cursor.fetchall():
        seen.first_by_deed[deed], seen.last_by_deed[deed] = first, last
        seen.deeds[Deed(deed)] = dict(zip(SPANS, counted, strict=True))


def _read_lists(cursor: Any, seen: Seen) -> None:
    """Where several lists name one attribute, the gravest counts."""
    cursor.execute(
        """SELECT entry.kind, entry.index, entry.standing FROM risk_listentry AS entry
           JOIN unnest(%s::text[], %s::bytea[]) AS own(kind, index)
             ON entry.kind = own.kind AND entry.index = own.index
           WHERE entry.state = 'in-force'
             AND %s BETWEEN entry.from_on AND entry.until_on""",
        [*_arrays(seen.marks), localtime(seen.at).date()],
    )
    rows = sorted(cursor.fetchall(), key=lambda row: GRAVEST.index(row[2]), reverse=True)
    seen.listed = {(kind, bytes(index)): standing for kind, index, standing in rows}


def _holders(cursor: Any, seen: Seen) -> tuple[dict[Kind, int], int]:
    """Return by kind the most holders of one attribute, hubs left out; and all of the phones'."""
    shared = [one for one in seen.counted if one.kind in SHARED]
    cursor.execute(
        """SELECT own.kind, sharing.people
           FROM unnest(%s::text[], %s::bytea[]) AS own(kind, index), LATERAL (
             SELECT count(*) AS people FROM (
               SELECT DISTINCT coalesce(account.party_id, trace.subject_id) FROM risk_trace AS trace
               LEFT JOIN risk_tracedaccount AS account ON account.account_id = trace.subject_id
               WHERE trace.kind = own.kind AND trace.index = own.index AND trace.seen_at <= %s
               LIMIT %s) AS sharers) AS sharing""",
        [*_arrays(shared), seen.at, COUNTED_MOST],
    )
    found: dict[Kind, int] = {}
    alike = 0
    for text, people in cursor.fetchall():
        kind = Kind(text)
        alike += people if kind is Kind.PHONE else 0
        if people <= BEARINGS[kind].most:
            found[kind] = max(found.get(kind, 0), people)
    return found, alike


def _neighbours(cursor: Any, seen: Seen) -> tuple[int, int, int]:
    """Return holders near in time of the phone's hundred, homes of a contact, registrations."""
    kinds = (Kind.PHONE_BLOCK, Kind.CONTACT, Kind.NETWORK)
    own = [one for one in seen.counted if one.kind in kinds]
    registered_at = seen.first_by_deed.get(Deed.REGISTERED, seen.at + LONGEST)
    cursor.execute(
        _NEIGHBOURS,
        {
            "kinds": [one.kind for one in own],
            "indexes": [one.index for one in own],
            "firsts": [one.first_at for one in own],
            "at": seen.at,
            "registered_at": registered_at,
            "week": WEEK,
            "hour": HOUR,
            "most": COUNTED_MOST,
        },
    )
    found = dict.fromkeys(kinds, 0)
    for kind, count in cursor.fetchall():
        found[Kind(kind)] = max(found[Kind(kind)], count)
    near, homes, registered = (found[kind] for kind in kinds)
    return near, homes, registered


_NEIGHBOURS = """
    WITH own AS (
      SELECT * FROM unnest(%(kinds)s::text[], %(indexes)s::bytea[], %(firsts)s::timestamptz[])
        AS given(kind, index, first_at))
    SELECT own.kind, (SELECT count(*) FROM (
        SELECT 1 FROM risk_trace AS trace
        LEFT JOIN risk_tracedaccount AS account ON account.account_id = trace.subject_id
        WHERE trace.kind = own.kind AND trace.index = own.index AND trace.seen_at <= %(at)s
        GROUP BY coalesce(account.party_id, trace.subject_id)
        HAVING min(trace.seen_at) BETWEEN own.first_at - %(week)s AND own.first_at + %(week)s
        LIMIT %(most)s) AS sharers)
    FROM own WHERE own.kind = 'phone-block'
    UNION ALL
    SELECT own.kind, (SELECT count(DISTINCT home.index) FROM risk_trace AS trace
        JOIN risk_trace AS home ON home.subject_id = trace.subject_id AND home.kind = 'address'
          AND home.seen_at <= %(at)s
        WHERE trace.kind = own.kind AND trace.index = own.index AND trace.seen_at <= %(at)s)
    FROM own WHERE own.kind = 'contact'
    UNION ALL
    SELECT own.kind, (SELECT count(DISTINCT coalesce(account.party_id, trace.subject_id))
        FROM risk_trace AS trace
        LEFT JOIN risk_tracedaccount AS account ON account.account_id = trace.subject_id
        WHERE trace.kind = own.kind AND trace.index = own.index AND trace.deed = 'registered'
          AND trace.seen_at BETWEEN %(registered_at)s - %(hour)s::interval
            AND least(%(at)s, %(registered_at)s + %(hour)s::interval))
    FROM own WHERE own.kind = 'network'
"""


def _ring_and_case(cursor: Any, seen: Seen) -> tuple[int, str | None]:
    """Return the ring's size, and `confirmed` or `open` for the subject's cases and the ring's."""
    cursor.execute(
        """WITH mine AS (
             SELECT ring.id, ring.size FROM risk_ringmember AS member
             JOIN risk_ring AS ring ON ring.id = member.ring_id
             WHERE member.subject_id = ANY(%(ids)s) AND ring.found_at <= %(at)s)
           SELECT coalesce((SELECT max(size) FROM mine), 0),
             (SELECT CASE WHEN bool_or(state = 'confirmed' AND closed_at <= %(at)s) THEN 'confirmed'
                          WHEN bool_or(closed_at IS NULL OR closed_at > %(at)s) THEN 'open' END
              FROM risk_fraudcase
              WHERE (subject_id = ANY(%(ids)s) OR subject_id IN (SELECT id FROM mine))
                AND opened_at <= %(at)s)""",
        {"ids": seen.ids, "at": seen.at},
    )
    size, case = cursor.fetchone()
    return size, case


def _arrays(marks: list[OwnMark]) -> tuple[list[str], list[bytes]]:
    return [one.kind for one in marks], [one.index for one in marks]
