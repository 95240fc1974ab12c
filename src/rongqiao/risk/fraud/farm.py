"""Referral farms: is a pay-out for bringing somebody earned, or made up?

Refused: oneself, a circle of referrals, a referrer and referee who share what strangers do not, a
farm of referees. Held: until the referee's first real repayment, and while a case is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from rongqiao.risk.fraud.attributes import BEARINGS, Kind

# Sharing that strangers do not have: one is enough against a pay-out between the two.
TELLING_WEIGHT = 60
# A referrer's friends may share a flat; this many of their referees tied to each other is a farm.
FARM_LEAST = 4
# Paid back sooner than this after the draw, the money was drawn to be paid back.
REAL_AFTER = timedelta(days=7)
# How far a circle of referrals is followed.
LONGEST_CIRCLE = 12


class Ruling(StrEnum):
    """What a pay-out gets."""

    ALLOW = "allow"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Why:
    """One ground: its code and what was found, such as a kind or a count."""

    code: str
    found: str


@dataclass(frozen=True)
class PayoutRuling:
    """The ruling and every ground for it, gravest first."""

    ruling: Ruling
    why: tuple[Why, ...]


@dataclass(frozen=True, kw_only=True)
class PayoutFacts:
    """What a ruling looks at.

    `referrals`: whom each party was brought by. `marks`: of referrer, referee and the referrer's
    other referees, their attributes as keyed digests. `standings`: `black`, `grey`, `confirmed` or
    `open` of referrer or referee. `drew_at` and `repaid_at` are the referee's.
    """

    referrer: UUID
    referee: UUID
    referrals: Mapping[UUID, UUID]
    marks: Mapping[UUID, frozenset[tuple[Kind, str]]]
    standings: frozenset[str] = frozenset()
    ring_size: int = 0
    drew_at: datetime | None = None
    repaid_at: tuple[datetime, ...] = ()


def rule_on(facts: PayoutFacts) -> PayoutRuling:
    """Return the ruling on one pay-out."""
    against = [*_standing(facts), *_self(facts), *_circle(facts), *_shared(facts), *_farm(facts)]
    if against:
        return PayoutRuling(Ruling.REFUSE, tuple(against))
    waits = [*_open(facts), *_unproved(facts)]
    if waits:
        return PayoutRuling(Ruling.HOLD, tuple(waits))
    return PayoutRuling(Ruling.ALLOW, ())


def is_real_repayment(drew_at: datetime | None, repaid_at: Iterable[datetime]) -> bool:
    """Tell whether one of the repayments came after the money had been used for a while."""
    return drew_at is not None and any(one - drew_at >= REAL_AFTER for one in repaid_at)


def circle_of(start: UUID, referrals: Mapping[UUID, UUID]) -> tuple[UUID, ...]:
    """Return the circle of referrals that leads back to `start`; empty where there is none."""
    walked, one = [start], referrals.get(start)
    while one is not None and one != start and len(walked) < LONGEST_CIRCLE:
        if one in walked:
            return ()
        walked.append(one)
        one = referrals.get(one)
    return tuple(walked) if one == start else ()


def _standing(facts: PayoutFacts) -> list[Why]:
    return [Why("payout-standing", one) for one in ("black", "confirmed") if one in facts.standings]


def _self(facts: PayoutFacts) -> list[Why]:
    if facts.referrer == facts.referee:
        return [Why("payout-to-oneself", "")]
    return []


def _circle(facts: PayoutFacts) -> list[Why]:
    if facts.referrer == facts.referee:
        return []
    found = circle_of(facts.referee, {**facts.referrals, facts.referee: facts.referrer})
    return [Why("payout-in-a-circle", str(len(found)))] if found else []


def _shared(facts: PayoutFacts) -> list[Why]:
    if facts.referrer == facts.referee:
        return []
    both = facts.marks.get(facts.referrer, frozenset()) & facts.marks.get(
        facts.referee, frozenset()
    )
    telling = sorted({kind for kind, _ in both if BEARINGS[kind].weight >= TELLING_WEIGHT})
    return [Why("payout-shared", kind) for kind in telling]


def _farm(facts: PayoutFacts) -> list[Why]:
    """Count the referrer's referees who are tied to one another."""
    referees = [one for one, by in facts.referrals.items() if by == facts.referrer]
    holders = _tied({*referees, facts.referee, facts.referrer}, facts.marks)
    if len(holders) < FARM_LEAST or facts.referee not in holders:
        return []
    return [Why("payout-farm", str(len(holders)))]


def _tied(people: set[UUID], marks: Mapping[UUID, frozenset[tuple[Kind, str]]]) -> set[UUID]:
    holders: dict[tuple[Kind, str], list[UUID]] = {}
    for one in people:
        for mark in marks.get(one, frozenset()):
            if BEARINGS[mark[0]].joins or mark[0] in (Kind.PHONE_BLOCK, Kind.NETWORK):
                holders.setdefault(mark, []).append(one)
    return {
        one
        for mark, sharing in holders.items()
        if len(sharing) >= _least(mark[0])
        for one in sharing
    }


def _least(kind: Kind) -> int:
    """A network is shared by friends as well: it takes a whole class of them to tell."""
    return 8 if kind is Kind.NETWORK else max(3, BEARINGS[kind].least)


def _open(facts: PayoutFacts) -> Sequence[Why]:
    found = [Why("payout-standing", one) for one in ("grey", "open") if one in facts.standings]
    if facts.ring_size:
        found.append(Why("payout-in-a-ring", str(facts.ring_size)))
    return found


def _unproved(facts: PayoutFacts) -> list[Why]:
    if is_real_repayment(facts.drew_at, facts.repaid_at):
        return []
    return [Why("payout-before-repayment", str(REAL_AFTER.days))]
