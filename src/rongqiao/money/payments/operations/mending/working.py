"""A case in hand: locked, its facts as they stand, and the officers who may touch it."""

from __future__ import annotations

from uuid import UUID

from rongqiao.money.payments.models.movements import Receipt
from rongqiao.money.payments.models.reconciling import Break, BreakState, LineMatch
from rongqiao.money.payments.operations.mending.refusals import BreakNotOpen, MendUnfit
from rongqiao.money.payments.operations.two_people import (
    AnotherPersonNeeded,
    officer_acting,
    refuse_own_affair,
)
from rongqiao.money.payments.queries.mending import MendFacts, facts_of, mends_for
from rongqiao.parties.queries import person_keys_of, user_of
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import NotFound


def case_in_hand(break_id: UUID, call: Call) -> tuple[Break, UUID]:
    """Return the locked case and the officer who acts, who is not behind its party.

    Raises FinanceOfficerNeeded, OwnAffair, NotFound.
    """
    officer = officer_acting(call)
    case = Break.objects.select_for_update().filter(pk=break_id).first()
    if case is None:
        raise NotFound(what="break")
    refuse_if_involved(case, officer)
    return case, officer


def refuse_if_involved(case: Break, officer: UUID) -> None:
    """Refuse an officer behind a party whose money it is. Raises OwnAffair."""
    of_order = case.order.party_id if case.order else None
    for party_id in {of_order, case.mend_party, _party_of_receipt(case)}:
        if party_id is not None:
            refuse_own_affair(officer, party_id)


def _party_of_receipt(case: Break) -> UUID | None:
    """Return whose the receipt is that a case is about, by itself or by its line."""
    match = LineMatch.objects.filter(line=case.line_id).first() if case.line_id else None
    what, _, row_id = (match.subject if match else case.subject).partition(":")
    return Receipt.objects.get(pk=row_id).party_id if what == "receipt" else None


def refuse_same_person(maker: str, officer: UUID, call: Call) -> None:
    """Refuse whoever proposed, under this or another account. Raises AnotherPersonNeeded."""
    first = user_of(maker)
    if maker == call.actor:
        raise AnotherPersonNeeded
    if first is not None and person_keys_of(first) & person_keys_of(officer):
        raise AnotherPersonNeeded


def in_state(case: Break, *states: BreakState) -> None:
    """Refuse a case in another state. Raises BreakNotOpen."""
    if case.state not in states:
        raise BreakNotOpen(state=case.state)


def fitting(case: Break, mend: str) -> MendFacts:
    """Return the facts, if the mend fits them. Raises MendUnfit."""
    facts = facts_of(case)
    allowed = mends_for(facts)
    if mend not in allowed:
        raise MendUnfit(value=mend, allowed=", ".join(allowed))
    return facts
