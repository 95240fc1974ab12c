"""Who may act on fraud, and that two acts of one matter are two persons'."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from rongqiao.parties.queries import (
    is_own_affair,
    list_parties_of,
    person_keys_of,
    roles_of,
    user_of,
)
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role
from rongqiao.risk.models.fraud import RingMember, Trace

ACTORS = (Role.RISK_ANALYST, Role.COMPLIANCE_OFFICER)
LONGEST_REASON = 200


class FraudRoleNeeded(Refusal):
    """The actor holds no role that acts on fraud; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "fraud.role-needed"


class FraudSecondPersonNeeded(Refusal):
    """Whoever put it forward does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "fraud.second-person-needed"


class FraudOwnAffair(Refusal):
    """Nobody works a case that they are a part of themselves."""

    kind, code = Kind.FORBIDDEN, "fraud.own-affair"


class FraudReasonNeeded(Refusal):
    """A reason is missing or too long; fact: `allowed` characters."""

    kind, code = Kind.INVALID, "fraud.reason-needed"


def acting(call: Call) -> UUID:
    """Return the user who acts; raises FraudRoleNeeded."""
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & set(ACTORS):
        raise FraudRoleNeeded(allowed=", ".join(sorted(role.value for role in ACTORS)))
    return user_id


def refuse_same_person(maker: str, user_id: UUID) -> None:
    """Raise FraudSecondPersonNeeded where both acts are one user's or one person's."""
    maker_id = user_of(maker)
    if maker_id is None:
        return
    if maker_id == user_id or person_keys_of(maker_id) & person_keys_of(user_id):
        raise FraudSecondPersonNeeded


def refuse_own_affair(user_id: UUID, party_id: UUID) -> None:
    """Raise FraudOwnAffair where the case is about the user, or a party of theirs."""
    if party_id == user_id or is_own_affair(user_id, party_id):
        raise FraudOwnAffair


def refuse_own_ring(user_id: UUID, ring_id: UUID) -> None:
    """Raise FraudOwnAffair where the user, a party of theirs or a firm they stand for is in it."""
    own = [user_id, *(party.id for party in list_parties_of(user_id))]
    named = Trace.objects.filter(subject_id__in=own, kind="resident-id").values("index")
    same = Trace.objects.filter(kind="resident-id", index__in=named).values("subject_id")
    members = RingMember.objects.filter(ring_id=ring_id)
    if members.filter(Q(subject_id__in=own) | Q(subject_id__in=same)).exists():
        raise FraudOwnAffair


def read_reason(text: str) -> str:
    """Return a reason with blanks evened out; raises FraudReasonNeeded."""
    reason = " ".join(text.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise FraudReasonNeeded(field="reason", allowed=f"1 - {LONGEST_REASON}")
    return reason
