"""What closing the books asks of the people behind it, and of the words they give."""

from __future__ import annotations

from uuid import UUID

from rongqiao.parties.queries import person_keys_of, roles_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, Refusal
from rongqiao.policies.roles import Role

LONGEST_REASON = 200


class FinanceOfficerNeeded(Refusal):
    """Only finance officers close months, write journals and change accounting codes."""

    kind, code = Kind.FORBIDDEN, "ledger.finance-officer-needed"


class AnotherPersonNeeded(Refusal):
    """Who proposed cannot decide, nor the same person behind another log-in."""

    kind, code = Kind.FORBIDDEN, "ledger.another-person-needed"


class NotYours(Refusal):
    """Only who proposed it may change it or give it up."""

    kind, code = Kind.FORBIDDEN, "ledger.not-yours"


class NotWaiting(Refusal):
    """It does not wait for this step any more; fact: `state`."""

    kind, code = Kind.CONFLICT, "ledger.not-waiting"


class ReasonNeeded(Refusal):
    """A reason is missing or too long; facts: `field`, `allowed` characters."""

    kind, code = Kind.INVALID, "ledger.reason-needed"


def officer_acting(call: Call) -> UUID:
    """Return the finance officer who acts. Raises FinanceOfficerNeeded."""
    user_id = user_of(call.actor)
    if user_id is None or Role.FINANCE not in roles_of(user_id):
        raise FinanceOfficerNeeded
    return user_id


def second_officer(first_actor: str, call: Call) -> UUID:
    """Return the officer who decides on what `first_actor` proposed: another person.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded.
    """
    officer = officer_acting(call)
    first = user_of(first_actor)
    if first_actor == call.actor:
        raise AnotherPersonNeeded
    if first is not None and person_keys_of(first) & person_keys_of(officer):
        raise AnotherPersonNeeded
    return officer


def same_officer(first_actor: str, call: Call) -> None:
    """Refuse anybody but who proposed. Raises FinanceOfficerNeeded, NotYours."""
    officer_acting(call)
    if first_actor != call.actor:
        raise NotYours


def checked_words(text: str, field: str = "reason", longest: int = LONGEST_REASON) -> str:
    """Return a text of 1 to `longest` characters in single spaces. Raises ReasonNeeded."""
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > longest:
        raise ReasonNeeded(field=field, allowed=str(longest))
    return cleaned
