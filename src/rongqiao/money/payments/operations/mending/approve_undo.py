"""A second officer takes a mend back: its journal is reversed, the case is in work again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.payments.models.reconciling import BreakState
from rongqiao.money.payments.operations.mending.refusals import BreakNotOpen
from rongqiao.money.payments.operations.mending.working import case_in_hand, refuse_same_person
from rongqiao.money.payments.operations.reconciling.cases import note_step
from rongqiao.money.payments.operations.reconciling.import_statement import LOCK
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ApproveUndo:
    """Which break."""

    break_id: UUID


@dataclass(frozen=True, kw_only=True)
class MendUndone:
    """The case that is in work again, and the journal that took the mend back."""

    break_id: UUID
    number: str
    journal: int | None


@operation("payments.approve_undo", restore=MendUndone)
def approve_undo(command: ApproveUndo, call: Call) -> MendUndone:
    """Reverse the mend's journal and put the case back to its assignee.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, BreakNotOpen, NotFound, and of
    the ledger InsufficientFunds where the money is no longer there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    case, officer = case_in_hand(command.break_id, call)
    if not case.undo_maker:
        raise BreakNotOpen(state=case.state)
    refuse_same_person(case.undo_maker, officer, call)
    taken_back = reverse(case.journal, case.number, call) if case.journal else None
    case.state, case.journal = BreakState.ASSIGNED, taken_back
    note = case.undo_reason
    case.mend, case.maker, case.checker, case.reason = "", "", "", ""
    case.proposed_at = case.resolved_at = case.mend_party = case.mend_journal = None
    case.undo_maker = case.undo_reason = ""
    note_step(case, BreakState.RESOLVED, call, note=note)
    case.journal = None
    case.save()
    return MendUndone(break_id=case.pk, number=case.number, journal=taken_back)
