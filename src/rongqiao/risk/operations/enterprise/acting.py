"""Who may work on firms' ratings and warnings, and that no one person overrides one."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from rongqiao.parties.queries import (
    acts_for,
    get_party,
    is_own_affair,
    person_keys_of,
    roles_of,
    user_of,
)
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role
from rongqiao.risk.models.enterprise import FinancialStatement, FirmRating, WarningCase

RATERS = (Role.RISK_ANALYST, Role.REVIEWER)
DECIDERS = (Role.RISK_ANALYST, Role.APPROVER)
WATCHERS = (Role.RISK_ANALYST, Role.INSTITUTION_OFFICER)
REASON_SHORTEST, REASON_LONGEST = 4, 1000


class RatingRoleNeeded(Refusal):
    """The actor holds no role that may do this; fact: `allowed`."""

    kind, code = Kind.FORBIDDEN, "risk.rating-role-needed"


class OwnFirm(Refusal):
    """Nobody rates or watches a firm they have a part in."""

    kind, code = Kind.FORBIDDEN, "risk.own-firm"


class RatingSecondPersonNeeded(Refusal):
    """Whoever proposed another grade does not decide on it, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "risk.rating-second-person-needed"


class WarningNotOpen(Refusal):
    """The case is in a state that this does not follow; fact: `state`."""

    code = "risk.warning-not-open"


class RatingReasonNeeded(Refusal):
    """A reason must be given; facts: `field`, `allowed`."""

    kind, code = Kind.INVALID, "risk.rating-reason-needed"


def acting(call: Call, roles: Iterable[Role], party_id: UUID) -> UUID:
    """Return the user who acts in one of `roles` on a firm that is no affair of theirs.

    Raises RatingRoleNeeded, OwnFirm.
    """
    allowed = set(roles)
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & allowed:
        raise RatingRoleNeeded(allowed=", ".join(sorted(role.value for role in allowed)))
    if is_own_affair(user_id, party_id):
        raise OwnFirm
    return user_id


def firm_or_staff(call: Call, party_id: UUID) -> None:
    """Let those who act for the firm pass, and officers who rate.

    Raises NotFound, RatingRoleNeeded, OwnFirm.
    """
    user_id = user_of(call.actor)
    if get_party(party_id).is_person:
        raise NotFound(what="firm")
    if user_id is not None and acts_for(user_id, party_id):
        return
    acting(call, RATERS, party_id)


def refuse_same_person(proposed_by: str, user_id: UUID) -> None:
    """Raise RatingSecondPersonNeeded where proposer and decider are one user or one person."""
    maker = user_of(proposed_by)
    if maker is None:
        return
    if maker == user_id or person_keys_of(maker) & person_keys_of(user_id):
        raise RatingSecondPersonNeeded


def checked_reason(text: str) -> str:
    """Return a reason, trimmed; raises RatingReasonNeeded for none or too long a one."""
    reason = text.strip()
    if not REASON_SHORTEST <= len(reason) <= REASON_LONGEST:
        raise RatingReasonNeeded(field="reason", allowed=f"{REASON_SHORTEST} - {REASON_LONGEST}")
    return reason


def numbering(model: type[FinancialStatement] | type[FirmRating], party_id: UUID) -> int:
    """Return the next number of a firm's rows; until the transaction ends nobody else numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"{model._meta.db_table}:{party_id}"],
        )
    return model.objects.filter(party_id=party_id).count() + 1


def locked_warning(case_id: UUID, call: Call) -> WarningCase:
    """Return the case, locked, for an officer who may work on it.

    Raises NotFound, RatingRoleNeeded, OwnFirm.
    """
    case = WarningCase.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if case is None:
        raise NotFound(what="warning")
    acting(call, WATCHERS, case.party_id)
    return case
