"""One subject for its page, and who was seen with a value that staff looks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.timezone import localtime

from rongqiao.platform.refusals import NotFound
from rongqiao.risk.fraud.profile import Deed, values_of
from rongqiao.risk.fraud.rule_sets import CURRENT
from rongqiao.risk.fraud.rules import Assessment, assess
from rongqiao.risk.fraud.velocity import LONGEST, Window, by_day, counts
from rongqiao.risk.models.fraud import SELF, ListEntry, Referral, RingMember, Trace, TracedAccount
from rongqiao.risk.queries.watching.profiles import COUNTED_MOST, profile_of, subjects_of

MOST_FOUND = 200
DAYS = 30
WINDOWS = tuple(window.value for window in Window)


@dataclass(frozen=True, kw_only=True)
class MarkSeen:
    """An attribute of a subject: its digest in hex, how many others share it, which list it is on.

    `others` stops at COUNTED_MOST.
    """

    kind: str
    index: str
    first_at: datetime
    last_at: datetime
    others: int
    standing: str


@dataclass(frozen=True, kw_only=True)
class DeedCounts:
    """How often a deed was done: by window, and by day of the last thirty, oldest first."""

    deed: str
    windows: tuple[int, ...]
    days: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SubjectView:
    """What is known of a subject now; `is_account` for a log-in that has not said who it is."""

    subject_id: UUID
    is_account: bool
    marks: tuple[MarkSeen, ...]
    deeds: tuple[DeedCounts, ...]
    assessment: Assessment
    ring_id: UUID | None
    referrer_id: UUID | None
    referees: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """Somebody seen with a value: when first and last."""

    subject_id: UUID
    first_at: datetime
    last_at: datetime


def is_referred(party_id: UUID) -> bool:
    """Tell whether a party was brought by somebody."""
    return Referral.objects.filter(pk=party_id).exists()


def find_by_mark(kind: str, index: str) -> tuple[Found, ...]:
    """Return who was seen with an attribute, latest first, in one indexed query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(account.party_id, trace.subject_id), min(seen_at), max(seen_at)
               FROM risk_trace AS trace
               LEFT JOIN risk_tracedaccount AS account ON account.account_id = trace.subject_id
               WHERE trace.kind = %s AND trace.index = %s
               GROUP BY 1 ORDER BY 3 DESC LIMIT %s""",
            [kind, bytes.fromhex(index), MOST_FOUND],
        )
        return tuple(
            Found(subject_id=subject, first_at=first, last_at=last)
            for subject, first, last in cursor.fetchall()
        )


def get_subject(subject_id: UUID, at: datetime) -> SubjectView:
    """Return a subject as known at a moment; raises NotFound for one never seen."""
    ids = subjects_of(subject_id)
    marks = _marks(ids, at)
    deeds = _deeds(ids, at)
    if not marks and not deeds:
        raise NotFound(what="subject")
    found = RingMember.objects.filter(subject_id=subject_id).values_list("ring_id", flat=True)
    referral = Referral.objects.filter(pk=subject_id).first()
    return SubjectView(
        subject_id=subject_id,
        is_account=subject_id not in _parties(ids),
        marks=marks,
        deeds=deeds,
        assessment=assess(values_of(profile_of(subject_id, at)), CURRENT),
        ring_id=found.first(),
        referrer_id=referral.referrer_id if referral else None,
        referees=Referral.objects.filter(referrer_id=subject_id).count(),
    )


def _parties(ids: list[UUID]) -> set[UUID]:
    """Return those of the subjects that did what only a party does."""
    only_parties = Trace.objects.filter(
        subject_id__in=ids, kind=SELF, deed__in=[Deed.IDENTIFIED, Deed.APPLIED, Deed.CARD_ADDED]
    )
    linked = TracedAccount.objects.filter(party_id__in=ids).values_list("party_id", flat=True)
    return {*only_parties.values_list("subject_id", flat=True), *linked}


def _marks(ids: list[UUID], at: datetime) -> tuple[MarkSeen, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH own AS (
                 SELECT kind, index, min(seen_at) AS first_at, max(seen_at) AS last_at
                 FROM risk_trace
                 WHERE subject_id = ANY(%(ids)s) AND kind <> %(self)s AND seen_at <= %(at)s
                 GROUP BY kind, index)
               SELECT own.kind, own.index, own.first_at, own.last_at, (
                   SELECT count(*) FROM (
                     SELECT DISTINCT coalesce(account.party_id, trace.subject_id)
                     FROM risk_trace AS trace
                     LEFT JOIN risk_tracedaccount AS account
                       ON account.account_id = trace.subject_id
                     WHERE trace.kind = own.kind AND trace.index = own.index
                       AND NOT trace.subject_id = ANY(%(ids)s)
                     LIMIT %(most)s) AS sharers)
               FROM own ORDER BY 5 DESC, own.kind, own.first_at""",
            {"ids": ids, "self": SELF, "at": at, "most": COUNTED_MOST},
        )
        rows = cursor.fetchall()
    on = localtime(at).date()
    entries = ListEntry.objects.filter(
        state="in-force",
        from_on__lte=on,
        until_on__gte=on,
        index__in=[bytes(row[1]) for row in rows],
    )
    standings = {(one.kind, bytes(one.index)): one.standing for one in entries}
    return tuple(
        MarkSeen(
            kind=kind,
            index=bytes(index).hex(),
            first_at=first,
            last_at=last,
            others=others,
            standing=standings.get((kind, bytes(index)), ""),
        )
        for kind, index, first, last, others in rows
    )


def _deeds(ids: list[UUID], at: datetime) -> tuple[DeedCounts, ...]:
    rows = Trace.objects.filter(
        subject_id__in=ids, kind=SELF, seen_at__lte=at, seen_at__gt=at - LONGEST
    ).order_by("seen_at")
    times: dict[str, list[datetime]] = {}
    for deed, seen_at in rows.values_list("deed", "seen_at"):
        times.setdefault(deed, []).append(seen_at)
    return tuple(
        DeedCounts(
            deed=deed.value,
            windows=tuple(counts(times[deed], at).values()),
            days=tuple(by_day(times[deed], at, DAYS)),
        )
        for deed in Deed
        if deed in times
    )
