"""A credit the bank showed before anybody noted it by hand: it is booked once, from where it is."""

from __future__ import annotations

from django.db import connection

from rongqiao.finance.bookkeeping import Journal
from rongqiao.finance.money import Money
from rongqiao.money.payments.models.movements import CapitalInjection, Receipt
from rongqiao.money.payments.models.reconciling import Break, BreakState, Mend
from rongqiao.money.payments.operations.mending.carrying_out import posted
from rongqiao.money.payments.operations.mending.pool_moves import Owner, out_of_suspense
from rongqiao.money.payments.operations.mending.refusals import CreditDiffers, CreditPlaced
from rongqiao.money.payments.operations.reconciling.cases import note_step
from rongqiao.money.payments.operations.reconciling.import_statement import LOCK
from rongqiao.platform.operations import Call


def book_credit(row: Receipt | CapitalInjection, fresh: Journal, owner: Owner, call: Call) -> int:
    """Post a confirmed credit: `fresh`, or out of suspense where its serial has a case there.

    The case ends with it: two officers found whose money it is. Raises CreditPlaced,
    CreditDiffers.
    """
    with connection.cursor() as cursor:
        # A comparison under way must not put the same serial into suspense meanwhile.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
    case = _case_of(row.bank_serial)
    if case is None:
        return posted(fresh, call)
    if case.state == BreakState.RESOLVED:
        raise CreditPlaced(number=case.number)
    amount = Money(row.amount_minor)
    if case.bank_minor != row.amount_minor:
        told = Money(case.bank_minor or 0).text()
        raise CreditDiffers(value=amount.text(), allowed=told)
    if case.suspense_minor:
        fresh = out_of_suspense(fresh.kind, fresh.document, call.on, amount, owner)
    journal = posted(fresh, call)
    _resolve(case, row, journal, call)
    return journal


def _case_of(serial: str) -> Break | None:
    """Return the case of an unknown credit of this serial, locked."""
    rows = Break.objects.select_for_update(of=("self",)).filter(
        line__serial=serial, line__is_credit=True, line__match__subject="", bank_minor__gt=0
    )
    return rows.exclude(kind="duplicate-line").order_by("opened_at").first()


def _resolve(case: Break, row: Receipt | CapitalInjection, journal: int, call: Call) -> None:
    before, case.state = case.state, BreakState.RESOLVED
    is_receipt = isinstance(row, Receipt)
    case.mend, case.journal, case.reason = Mend.ASSIGN_TO_PARTY, journal, row.number
    case.mend_party = row.party_id if isinstance(row, Receipt) else None
    case.counterpart = f"{'receipt' if is_receipt else 'capital'}:{row.pk}"
    case.maker, case.proposed_at = row.registered_by, row.registered_at
    case.checker, case.resolved_at = call.actor, call.at
    case.save()
    note_step(case, before, call, note=row.number)
