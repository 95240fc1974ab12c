"""What a journal by hand must be: on open accounts, balanced in each book, in an open month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rongqiao.finance.money import LARGEST_MINOR, MINOR_DIGITS, Money
from rongqiao.money.ledger.chart import Book, line_of
from rongqiao.money.ledger.closing import ManualJournal
from rongqiao.money.ledger.queries.manual import list_accounts_open_to_hand
from rongqiao.money.ledger.queries.periods import closed_through
from rongqiao.platform.operations import Call
from rongqiao.platform.refusals import Kind, NotFound, Refusal

MOST_LEGS = 50
LONGEST_REFERENCE = 100


class LegsRefused(Refusal):
    """Fewer than two legs or too many; fact: `allowed`."""

    kind, code = Kind.INVALID, "ledger.manual-legs"


class LegRefused(Refusal):
    """A leg needs one amount above zero, on one side; facts: `account`, `allowed`."""

    kind, code = Kind.INVALID, "ledger.manual-leg"


class AccountNotByHand(Refusal):
    """The account is kept by the platform, or is not there; fact: `account`."""

    kind, code = Kind.INVALID, "ledger.manual-account"


class NotBalanced(Refusal):
    """Debits and credits differ; facts: `debits`, `credits` (yuan)."""

    kind, code = Kind.INVALID, "ledger.manual-not-balanced"


class ValueDateRefused(Refusal):
    """The date lies in a closed month or ahead; facts: `value`, `allowed`."""

    kind, code = Kind.INVALID, "ledger.manual-value-date"


@dataclass(frozen=True, kw_only=True)
class ManualLeg:
    """One leg: an account, and an amount in the debit or in the credit column."""

    account: str
    debit: Money = Money(0)  # noqa: RUF009 - frozen
    credit: Money = Money(0)  # noqa: RUF009 - frozen


@dataclass(frozen=True, kw_only=True)
class ManualMoved:
    """A journal by hand, the state it is in now, and the journal it became."""

    manual_id: UUID
    number: str
    state: str
    journal: int | None = None


def locked_manual(manual_id: UUID) -> ManualJournal:
    """Return a journal by hand, locked. Raises NotFound."""
    row = ManualJournal.objects.select_for_update().filter(pk=manual_id).first()
    if row is None:
        raise NotFound(what="manual-journal")
    return row


def moved(row: ManualJournal) -> ManualMoved:
    """Store a row and return what it is now."""
    row.save()
    return ManualMoved(manual_id=row.pk, number=row.number, state=row.state, journal=row.journal)


def checked_legs(legs: tuple[ManualLeg, ...]) -> list[list[str]]:
    """Return legs as they are kept: account, fen (credit above zero), currency.

    Raises LegsRefused, LegRefused, AccountNotByHand, NotBalanced.
    """
    if not 2 <= len(legs) <= MOST_LEGS:
        raise LegsRefused(allowed=f"2 - {MOST_LEGS}")
    allowed = set(list_accounts_open_to_hand())
    for leg in legs:
        if leg.account not in allowed:
            raise AccountNotByHand(field="account", account=leg.account[:80])
        _check_amounts(leg)
    _check_balance(legs)
    return [
        [leg.account, str(leg.credit.minor - leg.debit.minor), leg.credit.currency] for leg in legs
    ]


def checked_value_date(value_on: date, call: Call) -> date:
    """Return a date in an open month, not after the business date. Raises ValueDateRefused."""
    through = closed_through()
    if value_on > call.on or (through and value_on <= through):
        allowed = f"{through.isoformat() if through else ''} < {call.on.isoformat()}"
        raise ValueDateRefused(field="value_on", value=value_on.isoformat(), allowed=allowed)
    return value_on


def _check_amounts(leg: ManualLeg) -> None:
    amounts = (leg.debit, leg.credit)
    is_sound = (
        leg.debit.currency == leg.credit.currency
        and leg.debit.currency in MINOR_DIGITS
        and sorted(bool(amount) for amount in amounts) == [False, True]
        and all(0 <= amount.minor <= LARGEST_MINOR for amount in amounts)
    )
    if not is_sound:
        allowed = f"0.01 - {Money(LARGEST_MINOR).text()}"
        raise LegRefused(field="amount", account=leg.account, allowed=allowed)


def _check_balance(legs: tuple[ManualLeg, ...]) -> None:
    """Debits equal credits in each currency of each book."""
    sums: dict[tuple[Book, str], list[int]] = {}
    for leg in legs:
        line = line_of(leg.account)
        assert line is not None, leg
        columns = sums.setdefault((line.book, leg.debit.currency), [0, 0])
        columns[0] += leg.debit.minor
        columns[1] += leg.credit.minor
    for debited, credited in sums.values():
        if debited != credited:
            raise NotBalanced(debits=Money(debited).text(), credits=Money(credited).text())
