"""Journals by hand: those that wait, those that were decided, and what may be written by hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.chart import NAMED, PREFIXED, Book, line_of
from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.queries.chart_of_accounts import list_products
from rongqiao.platform.refusals import NotFound

PAGE = 50
# Kept by other parts of the platform: what the loans of a product owe, and the mirror of the
# operator's money at the custodian. Client money is moved by orders and cases alone.
NOT_BY_HAND = frozenset(
    {
        "funds-at-custodian",
        "loan-principal",
        "loan-loss-allowance",
        "commitment-provision",
        "interest-receivable",
        "penalty-receivable",
        "fee-receivable",
    }
)


@dataclass(frozen=True, kw_only=True)
class ManualLegView:
    """One leg: an amount in the debit or in the credit column, the other one zero."""

    account: str
    debit: Money
    credit: Money


@dataclass(frozen=True, kw_only=True)
class ManualView:
    """A journal by hand; `drafted_by` and `decided_by` are actors.

    `state`: waiting, sent-back (`note` says why), posted (`journal` is its number) or withdrawn.
    `reverses` and `reversed_by` are ids of journals by hand.
    """

    id: UUID
    number: str
    state: str
    legs: tuple[ManualLegView, ...]
    total: Money
    reason: str
    reference: str
    value_on: date
    drafted_by: str
    drafted_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    journal: int | None
    reverses: UUID | None
    reversed_by: UUID | None


def is_open_to_hand(code: str) -> bool:
    """Tell whether officers may write a journal on an account of this code."""
    line = line_of(code)
    prefix = code.partition(":")[0]
    return line is not None and line.book is Book.OWN and prefix not in NOT_BY_HAND


def list_accounts_open_to_hand() -> tuple[str, ...]:
    """Return the codes a journal by hand may use, in order: named ones, and those of products."""
    products = list_products()
    codes = [code for code in NAMED if is_open_to_hand(code)]
    codes += [
        f"{prefix}:{product}"
        for prefix in PREFIXED
        for product in products
        if is_open_to_hand(f"{prefix}:{product}")
    ]
    return tuple(codes)


def list_manual_journals(
    state: str = "", *, before: str = "", limit: int = PAGE
) -> tuple[ManualView, ...]:
    """Return journals by hand, newest first; `before` is the id of the last one seen."""
    rows = ManualJournal.objects.order_by("-id").prefetch_related("reversals")
    if state:
        rows = rows.filter(state=state)
    if before:
        rows = rows.filter(pk__lt=before)
    return tuple(_view(row) for row in rows[:limit])


def count_manual_journals(state: str) -> int:
    """Return how many journals by hand are in a state."""
    return ManualJournal.objects.filter(state=state).count()


def get_manual_journal(manual_id: UUID) -> ManualView:
    """Return one journal by hand. Raises NotFound."""
    row = ManualJournal.objects.filter(pk=manual_id).first()
    if row is None:
        raise NotFound(what="manual-journal")
    return _view(row)


def find_manual_journal(number: str) -> UUID | None:
    """Return the id of the journal by hand with a number (a journal's document), or None."""
    row = ManualJournal.objects.filter(number=number).first()
    return row.pk if row else None


def _view(row: ManualJournal) -> ManualView:
    legs = tuple(_leg(*leg) for leg in row.legs)
    reversals = [one for one in row.reversals.all() if one.state != ManualJournal.State.WITHDRAWN]
    return ManualView(
        id=row.pk,
        number=row.number,
        state=row.state,
        legs=legs,
        total=Money(sum(leg.credit.minor for leg in legs)),
        reason=row.reason,
        reference=row.reference,
        value_on=row.value_on,
        drafted_by=row.drafted_by,
        drafted_at=row.drafted_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
        journal=row.journal,
        reverses=row.reverses_id,
        reversed_by=reversals[0].pk if reversals else None,
    )


def _leg(account: str, minor: str, currency: str) -> ManualLegView:
    amount = int(minor)
    return ManualLegView(
        account=account,
        debit=Money(max(-amount, 0), currency),
        credit=Money(max(amount, 0), currency),
    )
