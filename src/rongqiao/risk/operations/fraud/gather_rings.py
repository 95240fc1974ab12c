"""Gather the rings anew from all that was seen: who joined, who left, which rings are over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.db.models import Max
from django.utils.timezone import localtime

from rongqiao.platform.ids import new_id, short_number
from rongqiao.platform.operations import Call, operation
from rongqiao.risk.fraud.attributes import BEARINGS, Kind
from rongqiao.risk.fraud.graph import Group, Groups
from rongqiao.risk.fraud.profile import RING_SIZE, Profile, values_of
from rongqiao.risk.fraud.rule_sets import CURRENT
from rongqiao.risk.fraud.rules import assess
from rongqiao.risk.models.fraud import OPEN, FraudCase, ListEntry, Ring, RingMember, RingRun, Trace
from rongqiao.risk.operations.fraud.sight import open_case, write_findings

# Smaller groups are families and friends.
RING_LEAST = 8
_JOINING = [kind.value for kind, bearing in BEARINGS.items() if bearing.joins]


@dataclass(frozen=True, kw_only=True)
class GatherRings:
    """Everything there is, unless nothing came since the last time."""


@dataclass(frozen=True, kw_only=True)
class RingsGathered:
    """How many rings there are now, and whether they had to be gathered at all."""

    rings: int
    was_needed: bool


@operation("risk.gather-rings", restore=RingsGathered)
def gather_rings(_command: GatherRings, call: Call) -> RingsGathered:
    """Bring rings and their members up to date, and open a case for every ring."""
    with connection.cursor() as cursor:
        # Two gatherings at once would each write the other's members again.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('risk.gather-rings'))")
    upto = Trace.objects.aggregate(last=Max("id"))["last"] or 0
    lists_upto = _lists_upto(call)
    before = RingRun.objects.order_by("-id").first()
    if before and (before.traces_upto, before.lists_upto) == (upto, lists_upto):
        return RingsGathered(rings=before.rings, was_needed=False)
    groups = Groups(_links(call.at)).all(RING_LEAST)
    _write(groups, call)
    RingRun.objects.create(
        traces_upto=upto, lists_upto=lists_upto, rings=len(groups), gathered_at=call.at
    )
    return RingsGathered(rings=len(groups), was_needed=True)


def _lists_upto(call: Call) -> datetime | None:
    """Return when the white list last changed, an entry that ran out by its date counted."""
    white = ListEntry.objects.filter(standing="white", decided_at__isnull=False)
    changed = white.aggregate(decided=Max("decided_at"), ended=Max("ended_at"))
    known = [when for when in changed.values() if when is not None]
    ran_out = white.filter(state="in-force", until_on__lt=localtime(call.at).date())
    if ran_out.exists():
        midnight = localtime(call.at).replace(hour=0, minute=0, second=0, microsecond=0)
        known.append(midnight)
    return max(known, default=None)


def _links(at: datetime) -> list[tuple[UUID, tuple[Kind, bytes]]]:
    """Return every pair of subject and joining attribute once, white ones left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT coalesce(account.party_id, trace.subject_id), trace.kind, trace.index
               FROM risk_trace AS trace
               LEFT JOIN risk_tracedaccount AS account ON account.account_id = trace.subject_id
               WHERE trace.kind = ANY(%(kinds)s) AND NOT EXISTS (
                 SELECT 1 FROM risk_listentry AS entry
                 WHERE entry.kind = trace.kind AND entry.index = trace.index
                   AND entry.standing = 'white' AND entry.state = 'in-force'
                   AND %(on)s BETWEEN entry.from_on AND entry.until_on)""",
            {"kinds": _JOINING, "on": localtime(at).date()},
        )
        return [(subject, (Kind(kind), bytes(index))) for subject, kind, index in cursor.fetchall()]


def _write(groups: list[Group], call: Call) -> None:
    was = dict(RingMember.objects.values_list("subject_id", "ring_id"))
    known = {ring.pk: ring for ring in Ring.objects.filter(is_live=True)}
    members: dict[UUID, UUID] = {}
    fresh, kept = [], []
    for group in groups:
        ring = _same_ring(group, was, known)
        if ring is None:
            ring = Ring(id=new_id(call.at), number=short_number("R", call.at), found_at=call.at)
            fresh.append(ring)
        else:
            known.pop(ring.pk)
            kept.append(ring)
        ring.size, ring.gathered_at = len(group.members), call.at
        ring.kinds = ",".join(group.kinds)
        members |= dict.fromkeys(group.members, ring.pk)  # type: ignore[arg-type]
    over = list(known.values())
    for ring in over:
        ring.is_live, ring.gathered_at = False, call.at
    Ring.objects.bulk_create(fresh)
    Ring.objects.bulk_update([*kept, *over], ["size", "kinds", "gathered_at", "is_live"])
    _move_members(was, members, call)
    _open_cases([*fresh, *kept], call)


def _same_ring(group: Group, was: dict[UUID, UUID], known: dict[UUID, Ring]) -> Ring | None:
    """Return the ring most of a group's members were in, if no larger group has taken it."""
    votes = Counter(was[one] for one in group.members if one in was)  # type: ignore[index]
    return next((known[ring] for ring, _ in votes.most_common() if ring in known), None)


def _move_members(was: dict[UUID, UUID], now: dict[UUID, UUID], call: Call) -> None:
    gone = [subject for subject, ring in was.items() if now.get(subject) != ring]
    RingMember.objects.filter(pk__in=gone).delete()
    RingMember.objects.bulk_create(
        RingMember(subject_id=subject, ring_id=ring, since_at=call.at)
        for subject, ring in now.items()
        if was.get(subject) != ring
    )


def _open_cases(rings: list[Ring], call: Call) -> None:
    """A ring is a suspicion by itself; one that was decided on is asked again once it doubled."""
    cases = FraudCase.objects.filter(subject_id__in=[ring.pk for ring in rings])
    latest = {case.subject_id: case for case in cases.order_by("opened_at")}
    for ring in rings:
        said = assess(
            {**values_of(Profile()), RING_SIZE: Decimal(ring.size)},
            CURRENT,
        )
        case = latest.get(ring.pk)
        if case is not None and case.state not in OPEN and not _has_doubled(case, ring):
            continue
        if case is None or case.state not in OPEN:
            case = open_case("ring", ring.pk, said.score, call)
        elif case.score < said.score:
            case.score = said.score
            case.save(update_fields=["score"])
        write_findings(case, said, call)


def _has_doubled(case: FraudCase, ring: Ring) -> bool:
    found = case.findings.filter(figure=RING_SIZE).values_list("value", flat=True)
    return ring.size >= 2 * max((int(size) for size in found), default=0)
