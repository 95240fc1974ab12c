"""What happened to open breaks since the last comparison, and messages that wait for a person."""

from __future__ import annotations

from datetime import date

from django.db import connection

from rongqiao.money.payments.models.orders import BankMessage, By
from rongqiao.money.payments.models.reconciling import (
    Break,
    BreakKind,
    BreakState,
    Mend,
)
from rongqiao.money.payments.operations.reconciling.cases import Found, note_step
from rongqiao.money.payments.queries.custody import EXPLAINED
from rongqiao.platform.operations import Call

UNRETURNED = "refund-came-to-nothing"


def parked_messages(day: date) -> list[Found]:
    """Return a case for each parked message of the bank that has none yet.

    What a statement's line said and could not do is the line's own case.
    """
    told = Break.objects.filter(kind=BreakKind.PARKED_CALLBACK).values_list("subject", flat=True)
    rows = BankMessage.objects.filter(verdict__startswith="parked:").exclude(by=By.STATEMENT)
    known = set(told)
    return [
        Found(
            kind=BreakKind.PARKED_CALLBACK,
            day=day,
            subject=f"message:{row.pk}",
            order_id=row.order_id,
            amount_minor=row.order.amount_minor if row.order else 0,
            suggested=Mend.CLOSE_EXPLAINED,
        )
        for row in rows.select_related("order").order_by("pk")
        if f"message:{row.pk}" not in known
    ]


def follow_up(call: Call) -> None:
    """Note lines that came after all, suggest closing what is explained, reopen lost refunds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE payments_break b SET counterpart = 'line:' || m.line_id
               FROM payments_linematch m
               WHERE b.kind = 'missing-at-bank' AND b.state <> 'resolved' AND b.counterpart = ''
                 AND m.subject = b.subject"""
        )
        cursor.execute(
            """UPDATE payments_break b SET counterpart = 'file:' || f.id
               FROM payments_statementfile f
               WHERE b.kind = 'statement-damaged' AND b.state <> 'resolved' AND b.counterpart = ''
                 AND f.day = b.day AND f.state = 'imported'"""
        )
        cursor.execute(
            f"""WITH {EXPLAINED}
               UPDATE payments_break b SET suggested = 'close-explained'
               FROM explained e
               WHERE e.break_id = b.id AND e.minor = 0 AND b.suspense_minor = 0
                 AND b.kind <> 'balance-differs' AND b.suggested <> 'close-explained'""",  # noqa: S608
            {},
        )
    _reopen_lost_refunds(call)


def _reopen_lost_refunds(call: Call) -> None:
    """A refund that failed or came back leaves the money in suspense: its case is open again."""
    lost = Break.objects.filter(
        state=BreakState.RESOLVED, mend=Mend.RETURN_TO_SENDER, mend_order__isnull=False
    )
    ended = lost.filter(mend_order__state__in=["failed", "cancelled"]) | lost.filter(
        mend_order__is_returned=True
    )
    for case in ended.select_for_update(of=("self",)):
        before, case.state = case.state, BreakState.OPEN
        case.checker, case.resolved_at, case.mend_order = "", None, None
        case.mend, case.maker, case.reason, case.proposed_at = "", "", "", None
        case.undo_maker = case.undo_reason = ""
        case.save()
        note_step(case, before, call, note=UNRETURNED)
