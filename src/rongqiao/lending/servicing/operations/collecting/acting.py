"""What the writes of a collection case share: who may act, the locked case, sealed words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import models
from django.db.models import Min

from rongqiao.lending.servicing.models.collecting import CollectionCase
from rongqiao.lending.servicing.models.loans import Instalment, Loan
from rongqiao.lending.servicing.queries.amending.holds import is_held
from rongqiao.parties.queries import is_own_affair, person_keys_of, roles_of, user_of
from rongqiao.platform.crypto import encrypt
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal
from rongqiao.policies.roles import Role

WORDS_SHORTEST, WORDS_LONGEST = 4, 1000


class RoleNeeded(Refusal):
    """The actor does not hold a role that may do this."""

    kind, code = Kind.FORBIDDEN, "collecting.role-needed"


class OwnAffair(Refusal):
    """Nobody collects from themselves, under another log-in neither."""

    kind, code = Kind.FORBIDDEN, "collecting.own-affair"


class CaseClosed(Refusal):
    """The loan is in order again: nothing is collected on it; fact: `number`."""

    code = "collecting.case-closed"


class NotYours(Refusal):
    """The case is not in the acting collector's hands; fact: `number`."""

    code = "collecting.not-yours"


class BorrowerOnHold(Refusal):
    """The debtor died or is bankrupt: nobody contacts them until the hold is lifted."""

    code = "collecting.borrower-on-hold"


class WordsNeeded(Refusal):
    """The officer's own words must be given; facts: `field`, `allowed`."""

    kind, code = Kind.INVALID, "collecting.words-needed"


@dataclass(frozen=True, kw_only=True)
class CaseMoved:
    """The state the case is in now."""

    case_id: UUID
    state: str


def acting_staff(call: Call, *roles: Role) -> UUID:
    """Return the acting user, who holds one of `roles`; raises RoleNeeded."""
    user_id = user_of(call.actor)
    if user_id is None or not roles_of(user_id) & set(roles):
        raise RoleNeeded(allowed=", ".join(role.value for role in roles))
    return user_id


def locked_case(case_id: UUID, user_id: UUID) -> CollectionCase:
    """Return the locked open case, to somebody whose affair it is not.

    Raises NotFound, OwnAffair, CaseClosed.
    """
    case = CollectionCase.objects.select_for_update(no_key=True).filter(pk=case_id).first()
    if case is None:
        raise NotFound(what="case")
    if is_own_affair(user_id, case.party_id):
        raise OwnAffair
    if case.state == "closed":
        raise CaseClosed(number=case.number)
    return case


def own_case(case_id: UUID, call: Call) -> tuple[CollectionCase, UUID]:
    """Return the locked open case in the acting collector's hands, and the collector.

    Raises RoleNeeded, NotFound, OwnAffair, CaseClosed, NotYours.
    """
    user_id = acting_staff(call, Role.COLLECTOR)
    case = locked_case(case_id, user_id)
    if case.collector_id != user_id:
        raise NotYours(number=case.number)
    return case, user_id


def refuse_on_hold(case: CollectionCase) -> None:
    """Raise BorrowerOnHold where the debtor of the case is on hold."""
    if is_held(case.party_id):
        raise BorrowerOnHold


def are_one_person(one: UUID, other: UUID) -> bool:
    """Tell whether two log-ins are the same user or the same natural person."""
    return one == other or bool(person_keys_of(one) & person_keys_of(other))


def checked_words(words: str, field: str) -> str:
    """Return the officer's words without blanks around them; raises WordsNeeded."""
    said = words.strip()
    if not WORDS_SHORTEST <= len(said) <= WORDS_LONGEST:
        raise WordsNeeded(field=field, allowed=f"{WORDS_SHORTEST} - {WORDS_LONGEST}")
    return said


def sealed(words: str, model: type[models.Model], column: str, row: UUID) -> bytes:
    """Return words sealed for one column and row of a model's table."""
    return encrypt(words, table=model._meta.db_table, column=column, row=row)


def oldest_unpaid(loan: Loan) -> date | None:
    """Return when the oldest unpaid instalment of an overdue loan fell due; None for none.

    It does not ask whether that day is over: a loan is found overdue while the day it fell due is
    being closed, and its state says so.
    """
    late = Instalment.objects.filter(loan=loan, is_due=True, settled_on=None)
    oldest: date | None = late.aggregate(oldest=Min("due_on"))["oldest"]
    return oldest
