"""Who may act on fraud, and that two acts of one matter are two persons'."""

from __future__ import annotations

from uuid import UUID

from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role

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


def refuse_own_affair(user_id: UUID, parties: list[UUID]) -> None:
    """Raise FraudOwnAffair where one of a case's parties is the user's own."""
    if any(party_id == user_id or is_own_affair(user_id, party_id) for party_id in parties):
        raise FraudOwnAffair


def read_reason(text: str) -> str:
    """Return a reason with blanks evened out; raises FraudReasonNeeded."""
    reason = " ".join(text.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise FraudReasonNeeded(field="reason", allowed=f"1 - {LONGEST_REASON}")
    return reason
