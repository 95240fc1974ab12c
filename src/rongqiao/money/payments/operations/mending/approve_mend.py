"""A second finance officer approves a mend: the one moment at which a break moves money."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from rongqiao.money.payments.models.reconciling import BreakState
from rongqiao.money.payments.operations.mending.carrying_out import mend
from rongqiao.money.payments.operations.mending.working import (
    case_in_hand,
    fitting,
    in_state,
    refuse_same_person,
)
from rongqiao.money.payments.operations.reconciling.cases import note_step
from rongqiao.money.payments.operations.reconciling.import_statement import LOCK
from rongqiao.platform.operations import Call, operation


@dataclass(frozen=True, kw_only=True)
class ApproveMend:
    """Which break."""

    break_id: UUID


@dataclass(frozen=True, kw_only=True)
class MendApproved:
    """What it came to: a journal, an order to the bank, or neither."""

    break_id: UUID
    number: str
    journal: int | None
    order_number: str


@operation("payments.approve_mend", restore=MendApproved)
def approve_mend(command: ApproveMend, call: Call) -> MendApproved:
    """Carry out the proposed mend, if it still fits, by a new posting or order.

    Raises FinanceOfficerNeeded, AnotherPersonNeeded, OwnAffair, BreakNotOpen, MendUnfit,
    MendJournal, MendFailed, NotFound, and of the ledger InsufficientFunds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    case, officer = case_in_hand(command.break_id, call)
    in_state(case, BreakState.PROPOSED)
    refuse_same_person(case.maker, officer, call)
    facts = fitting(case, case.mend)
    mend(case, facts, call)
    before, case.state = case.state, BreakState.RESOLVED
    case.checker, case.resolved_at = call.actor, call.at
    case.save()
    note_step(case, before, call)
    return MendApproved(
        break_id=case.pk,
        number=case.number,
        journal=case.journal,
        order_number=case.mend_order.number if case.mend_order else "",
    )
