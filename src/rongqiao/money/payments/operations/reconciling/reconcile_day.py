"""Compare a day of the bank's with ours: orders, receipts, capital, and the balance of the pool."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.payments.models.reconciling import (
    BreakKind,
    DayReconciled,
    FileState,
    LineMatch,
    Mend,
    StatementFile,
)
from rongqiao.money.payments.operations.orders.settling import settle
from rongqiao.money.payments.operations.reconciling.cases import Found, open_breaks
from rongqiao.money.payments.operations.reconciling.comparing import (
    compare_balance,
    gap_in_file,
    suggestion_for_rest,
)
from rongqiao.money.payments.operations.reconciling.following import follow_up, parked_messages
from rongqiao.money.payments.operations.reconciling.import_statement import LOCK
from rongqiao.money.payments.operations.reconciling.matching import (
    Odd,
    match_lines,
    said_by_statement,
    unseen,
)
from rongqiao.money.payments.operations.two_people import officer_acting
from rongqiao.money.payments.postings import CUSTODIAN_CASH, SUSPENSE
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.refusals import NotFound

_TO_SUSPENSE = {BreakKind.UNKNOWN_CREDIT, BreakKind.UNKNOWN_ORDER}


@dataclass(frozen=True, kw_only=True)
class ReconcileDay:
    """Which day; its statement has been imported."""

    day: date


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """What this run found: new breaks by number, and what nobody explains yet."""

    day: date
    line_count: int
    settled_count: int
    breaks: tuple[str, ...]
    unexplained: Money


@operation("payments.reconcile_day", restore=Reconciled)
def reconcile_day(command: ReconcileDay, call: Call) -> Reconciled:
    """Settle what the bank shows as done, match every line once, open a case for what differs.

    Where the file was handed in by a person, what it shows as done is a case for two people.
    A second run changes nothing unless something happened in between. Raises NotFound (no
    imported statement), FinanceOfficerNeeded.
    """
    if not call.actor.startswith("system:"):
        officer_acting(call)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    file = StatementFile.objects.filter(day=command.day, state=FileState.IMPORTED).first()
    if file is None:
        raise NotFound(what="statement")
    gap = gap_in_file(file.day)
    # On the word of a file that contradicts itself nothing is posted; a file that one person
    # handed in is one person's word, and orders end on the bank's or on two people's.
    said = [] if gap or file.is_by_hand else said_by_statement(file.day)
    settled = [settle(told, f"statement:{line}", call) for line, told in said]
    odd = match_lines(file.day, call.at, posts=not gap)
    _post_to_suspense(odd, file.day, call, posts=not gap)
    found = [_case(line, file.day, posts=not gap) for line in odd]
    found += _missing(file.day) + parked_messages(file.day)
    fresh = open_breaks(found, call)
    follow_up(call)
    compared = compare_balance(file.day, fresh, gap, call)
    if not DayReconciled.objects.filter(day=file.day).exists():
        DayReconciled.objects.create(
            day=file.day,
            file=file,
            line_count=file.line_count,
            agreed_count=LineMatch.objects.filter(day=file.day, agreement="agrees").count(),
            break_count=len(fresh),
            closing_minor=compared.closing,
            books_minor=compared.books,
            in_transit_minor=compared.in_transit,
            explained_minor=compared.explained,
            unexplained_minor=compared.unexplained,
            reconciled_at=call.at,
        )
    return Reconciled(
        day=file.day,
        line_count=file.line_count,
        settled_count=len(settled),
        breaks=tuple(case.number for case in fresh),
        unexplained=Money(compared.unexplained),
    )


def _goes_to_suspense(line: Odd, *, posts: bool) -> bool:
    return posts and line.signed > 0 and line.verdict in _TO_SUSPENSE


def _post_to_suspense(odd: Sequence[Odd], day: date, call: Call, *, posts: bool) -> None:
    journals = [
        Journal(
            "unknown-credit",
            f"statement:{day}:{line.line_id}",
            call.on,
            (debit(CUSTODIAN_CASH, amount), credit(SUSPENSE, amount)),
        )
        for line in odd
        if _goes_to_suspense(line, posts=posts)
        for amount in [Money(line.signed)]
    ]
    if journals:
        open_accounts([CUSTODIAN_CASH, SUSPENSE], call)
        post(journals, call)


def _case(line: Odd, day: date, *, posts: bool) -> Found:
    in_suspense = _goes_to_suspense(line, posts=posts)
    is_explained = in_suspense or line.is_told_before or line.is_ours
    ours = line.ours or 0
    amount = abs(line.signed - ours) if line.is_ours and line.ours is not None else abs(line.signed)
    return Found(
        kind=line.verdict,
        day=day,
        subject=f"line:{line.line_id}",
        line_id=line.line_id,
        order_id=line.order_id,
        amount_minor=amount or abs(line.signed),
        bank_minor=line.signed,
        ours_minor=line.ours,
        # Of a line of ours the difference is reckoned as it stands: queries.custody.EXPLAINED.
        explains_minor=0 if is_explained else line.signed,
        suspense_minor=line.signed if in_suspense else 0,
        suggested=_suggestion(line),
        suggested_party=line.party_id if line.signed > 0 and not line.is_ours else None,
    )


def _suggestion(line: Odd) -> str:
    if line.is_told_before or line.verdict == BreakKind.LATE_LINE:
        return Mend.CLOSE_EXPLAINED
    if line.verdict == BreakKind.BANK_FEE:
        return Mend.BOOK_BANK_FEE
    if line.is_ours:
        is_agreed = line.ours == line.signed
        return Mend.CLOSE_EXPLAINED if is_agreed else Mend.SETTLE_AS_BANK_SAYS
    if line.signed < 0:
        return suggestion_for_rest(line.signed)
    return Mend.ASSIGN_TO_PARTY if line.party_id else Mend.RETURN_TO_SENDER


def _missing(day: date) -> list[Found]:
    return [
        Found(
            kind=BreakKind.MISSING_AT_BANK,
            day=day,
            subject=one.subject,
            order_id=one.order_id,
            amount_minor=abs(one.signed),
            ours_minor=one.signed,
            # We have counted what the bank has not.
            explains_minor=-one.signed,
            suggested=Mend.CORRECT_BY_REVERSAL,
        )
        for one in unseen(day)
    ]
