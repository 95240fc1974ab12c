"""Which mends fit a break: a rule over plain facts, shown to whoever proposes and held at both."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.reconciling import (
    Break,
    BreakKind,
    BreakState,
    FileState,
    LineMatch,
    Mend,
    StatementFile,
)
from rongqiao.money.payments.queries.custody import explained_by_break

# A difference two officers may accept as a cost; more than this has to be found.
LARGEST_ACCEPTED = Money(100_00)
_FOREIGN = {BreakKind.UNKNOWN_CREDIT, BreakKind.UNKNOWN_ORDER, BreakKind.WRONG_DAY}
_OF_ORDERS = {
    BreakKind.BANK_SAYS_PAID,
    BreakKind.BANK_SAYS_RETURNED,
    BreakKind.AMOUNT_DIFFERS,
    BreakKind.WRONG_DAY,
}


@dataclass(frozen=True, kw_only=True)
class MendFacts:
    """A break as the rule sees it; amounts in fen, credit to the pool above zero.

    `is_ours`: the line names something of ours. `is_booked`: that is in the books.
    `explains`: what the break accounts for now. `suspense`: what it keeps there.
    """

    kind: str
    bank: int
    is_ours: bool
    is_booked: bool
    explains: int
    suspense: int
    has_good_file: bool = False
    # Whether a credit of the same amount lies in suspense, such as the bank's own correction.
    has_counterpart: bool = False


def mends_for(facts: MendFacts) -> tuple[str, ...]:
    """Return the mends that fit, the most telling first; none where only waiting helps."""
    fitting = (
        (_is_foreign_credit(facts), Mend.ASSIGN_TO_PARTY),
        (_is_foreign_credit(facts), Mend.RETURN_TO_SENDER),
        (_can_settle(facts), Mend.SETTLE_AS_BANK_SAYS),
        (_is_foreign_debit(facts) and facts.has_counterpart, Mend.OFFSET_BY_CREDIT),
        (facts.kind == BreakKind.BANK_FEE and bool(facts.explains), Mend.BOOK_BANK_FEE),
        (
            facts.kind == BreakKind.MISSING_AT_BANK and bool(facts.explains),
            Mend.CORRECT_BY_REVERSAL,
        ),
        (_is_small_rest(facts), Mend.ACCEPT_DIFFERENCE),
        (_is_explained(facts), Mend.CLOSE_EXPLAINED),
    )
    return tuple(mend for fits, mend in fitting if fits)


def facts_of(case: Break) -> MendFacts:
    """Return an unresolved case as the rule of mends sees it, now."""
    match = LineMatch.objects.filter(line=case.line_id).first() if case.line_id else None
    is_damaged = case.kind == BreakKind.STATEMENT_DAMAGED
    good_files = StatementFile.objects.filter(day=case.day, state=FileState.IMPORTED)
    return MendFacts(
        kind=case.kind,
        bank=case.bank_minor or 0,
        is_ours=bool(match and match.subject),
        is_booked=case.ours_minor is not None,
        explains=explained_by_break().get(str(case.pk), 0),
        suspense=case.suspense_minor,
        has_good_file=is_damaged and good_files.exists(),
        has_counterpart=credits_for(case).exists(),
    )


def credits_for(case: Break) -> QuerySet[Break]:
    """Return the open cases of credits in suspense that make good what `case` says went out."""
    return Break.objects.filter(
        state__in=[BreakState.OPEN, BreakState.ASSIGNED],
        suspense_minor=-(case.bank_minor or 0),
        suspense_minor__gt=0,
    ).order_by("opened_at", "id")


def _is_foreign_credit(facts: MendFacts) -> bool:
    is_there = facts.suspense > 0 or facts.explains > 0
    return facts.kind in _FOREIGN and facts.bank > 0 and not facts.is_ours and is_there


def _is_foreign_debit(facts: MendFacts) -> bool:
    return facts.kind == BreakKind.UNKNOWN_ORDER and facts.bank < 0 and facts.explains < 0


def _can_settle(facts: MendFacts) -> bool:
    return facts.kind in _OF_ORDERS and facts.is_ours and bool(facts.explains)


def _is_small_rest(facts: MendFacts) -> bool:
    if not 0 < abs(facts.explains) <= LARGEST_ACCEPTED.minor:
        return False
    if facts.kind == BreakKind.AMOUNT_DIFFERS:
        return facts.is_booked
    return facts.kind == BreakKind.BALANCE_DIFFERS or (
        facts.kind == BreakKind.UNKNOWN_ORDER and facts.bank < 0
    )


def _is_explained(facts: MendFacts) -> bool:
    if facts.explains or facts.suspense:
        return False
    return facts.kind != BreakKind.STATEMENT_DAMAGED or facts.has_good_file
