"""Who may act against money laundering, what they are refused, and texts sealed in its tables."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from rongqiao.finance.calendars.business_days import china
from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

LONGEST_REASON = 2_000


class ReasonNeeded(Refusal):
    """A word on it needs its reason; facts: `field`, `allowed`."""

    kind, code = Kind.INVALID, "laundering.reason-needed"


class SecondPersonNeeded(Refusal):
    """Whoever proposed an end does not decide on it, under another log-in neither."""

    code = "laundering.second-person-needed"


class NotInThisState(Refusal):
    """The alert, case or report stands elsewhere by now; fact: `state`."""

    code = "laundering.not-in-this-state"


def acting(call: Call, *parties: UUID) -> UUID:
    """Return the compliance officer who acts, none of the parties being their own affair.

    To anybody else nothing of it is there: raises NotFound, and nothing that tells why.
    """
    user_id = user_of(call.actor)
    if user_id is None or Role.COMPLIANCE_OFFICER not in roles_of(user_id):
        raise NotFound
    if any(is_own_affair(user_id, party_id) for party_id in parties):
        raise NotFound
    return user_id


def refuse_same_person(first_actor: str, user_id: UUID) -> None:
    """Raise SecondPersonNeeded where the first actor is the same human being."""
    first = user_of(first_actor)
    if first is None:
        return
    if first == user_id or person_keys_of(first) & person_keys_of(user_id):
        raise SecondPersonNeeded


def reason_given(text: str, field: str = "reason") -> str:
    """Return a reason, trimmed; raises ReasonNeeded for none or one that is too long."""
    said = text.strip()
    if not said or len(said) > LONGEST_REASON:
        raise ReasonNeeded(field=field, allowed=str(LONGEST_REASON))
    return said


def sealed(value: Any, table: str, column: str, row: object) -> bytes:
    """Return a text or a plain value as JSON, sealed for its place."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return encrypt(text, table=f"risk_{table}", column=column, row=row)


def due_after(on: date, working_days: int) -> date:
    """Return the working day in China that is so many after `on`."""
    calendar = china()
    for _ in range(working_days):
        on = calendar.adjust(on + timedelta(days=1), "following")
    return on
