"""What fraud says of a party, for the decision on its case; and of paying for who was brought."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils.timezone import localtime

from rongqiao.risk.fraud.attributes import Kind
from rongqiao.risk.fraud.farm import PayoutFacts, PayoutRuling, rule_on
from rongqiao.risk.fraud.profile import OUTCOME, SCORE, Deed, values_of
from rongqiao.risk.fraud.rule_sets import CURRENT
from rongqiao.risk.fraud.rules import Assessment, assess
from rongqiao.risk.judging.features import Feature
from rongqiao.risk.models.fraud import (
    OPEN,
    SELF,
    FraudCase,
    ListEntry,
    Referral,
    RingMember,
    Trace,
    TracedAccount,
)
from rongqiao.risk.queries.watching.profiles import profile_of

SOURCE = "platform"


def fraud_features(party_id: UUID, at: datetime) -> tuple[Feature, ...]:
    """Return what is known of a party at a moment, by name, in a constant number of queries.

    Beside the figures there are `fraud.score` (0 to 100) and `fraud.outcome` (`clear`, `refer` or
    `decline`), as the rules in force say. Which rule was met is never told to an applicant.
    """
    values = values_of(profile_of(party_id, at))
    said = assess(values, CURRENT)
    values |= {SCORE: Decimal(said.score), OUTCOME: said.outcome.value}
    return tuple(
        Feature(name=name, value=value, as_of=at, source=SOURCE)
        for name, value in sorted(values.items())
    )


def assessment_of(subject_id: UUID, at: datetime) -> Assessment:
    """Return what the rules in force say of a subject, with every rule that was met."""
    return assess(values_of(profile_of(subject_id, at)), CURRENT)


def payout_verdict(referrer: UUID, referee: UUID, at: datetime) -> PayoutRuling:
    """Return allow, hold or refuse for paying `referrer` for bringing `referee`, with the grounds.

    Whoever pays asks through `operations.fraud.rule_payout`, which keeps the ruling.
    """
    referrals = _referrals_around(referrer, referee, at)
    people = {referrer, referee} | {one for one, by in referrals.items() if by == referrer}
    accounts = dict(
        TracedAccount.objects.filter(party_id__in=people).values_list("account_id", "party_id")
    )
    marks: dict[UUID, set[tuple[Kind, str]]] = {one: set() for one in people}
    seen = Trace.objects.filter(subject_id__in=[*people, *accounts], seen_at__lte=at)
    for subject, kind, index in (
        seen.exclude(kind=SELF).values_list("subject_id", "kind", "index").distinct()
    ):
        marks[accounts.get(subject, subject)].add((Kind(kind), bytes(index).hex()))
    own = [referee, *(account for account, party in accounts.items() if party == referee)]
    drew_at, repaid_at = _money_of(own, at)
    listed = _listed({mark for one in marks.values() for mark in one}, at)
    return rule_on(
        PayoutFacts(
            referrer=referrer,
            referee=referee,
            referrals=referrals,
            marks={
                one: frozenset(mark for mark in own if listed.get(mark) != "white")
                for one, own in marks.items()
            },
            standings=_standings({referrer, referee}, marks, listed),
            ring_size=_ring_of_both(referrer, referee),
            drew_at=drew_at,
            repaid_at=repaid_at,
        )
    )


def _money_of(subjects: list[UUID], at: datetime) -> tuple[datetime | None, tuple[datetime, ...]]:
    """Return when the first loan was drawn, and every repayment."""
    rows = Trace.objects.filter(
        subject_id__in=subjects, kind=SELF, deed__in=[Deed.DREW, Deed.REPAID], seen_at__lte=at
    ).order_by("seen_at")
    times = list(rows.values_list("deed", "seen_at"))
    drew_at = next((when for deed, when in times if deed == Deed.DREW), None)
    return drew_at, tuple(when for deed, when in times if deed == Deed.REPAID)


def _referrals_around(referrer: UUID, referee: UUID, at: datetime) -> dict[UUID, UUID]:
    """Return the referrer's referees and the chain above the referrer, as far as it is followed."""
    found = dict(
        Referral.objects.filter(referrer_id=referrer, referred_at__lte=at).values_list(
            "referee_id", "referrer_id"
        )
    )
    chain = Referral.objects.raw(
        """WITH RECURSIVE above(referee_id, referrer_id, referred_at, step) AS (
             SELECT referee_id, referrer_id, referred_at, 1 FROM risk_referral
             WHERE referee_id = %s
             UNION ALL
             SELECT next.referee_id, next.referrer_id, next.referred_at, step + 1
             FROM risk_referral AS next JOIN above ON next.referee_id = above.referrer_id
             WHERE step < 12)
           SELECT * FROM above WHERE referred_at <= %s""",
        [referrer, at],
    )
    found |= {one.referee_id: one.referrer_id for one in chain}
    return {**found, referee: referrer}


def _listed(marks: set[tuple[Kind, str]], at: datetime) -> dict[tuple[Kind, str], str]:
    on = localtime(at).date()
    rows = ListEntry.objects.filter(
        state="in-force",
        from_on__lte=on,
        until_on__gte=on,
        index__in=[bytes.fromhex(index) for _, index in marks],
    ).values_list("kind", "index", "standing")
    found: dict[tuple[Kind, str], str] = {}
    grave = {"white": 0, "grey": 1, "black": 2}
    for kind, index, standing in sorted(rows, key=lambda row: grave[row[2]]):
        found[Kind(kind), bytes(index).hex()] = standing
    return found


def _standings(
    both: set[UUID],
    marks: dict[UUID, set[tuple[Kind, str]]],
    listed: dict[tuple[Kind, str], str],
) -> frozenset[str]:
    found = {listed[mark] for one in both for mark in marks[one] if mark in listed} - {"white"}
    rings = RingMember.objects.filter(subject_id__in=both).values_list("ring_id", flat=True)
    states = FraudCase.objects.filter(subject_id__in=[*both, *rings]).values_list(
        "state", flat=True
    )
    for state in states:
        if state == "confirmed":
            found.add("confirmed")
        elif state in OPEN:
            found.add("open")
    return frozenset(found)


def _ring_of_both(referrer: UUID, referee: UUID) -> int:
    rows = RingMember.objects.filter(subject_id__in=[referrer, referee]).select_related("ring")
    sizes = {one.ring.pk: one.ring.size for one in rows}
    return max(sizes.values(), default=0)
