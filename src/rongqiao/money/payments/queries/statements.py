"""A wallet's statement as its owner reads it: the period's balances, its lines, its days.

A wallet that was never opened has none of them, and that is not an error.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TypeVar
from uuid import UUID

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries import statements as ledger
from rongqiao.money.ledger.queries.books import UnknownAccount
from rongqiao.money.payments.postings import wallet

R = TypeVar("R")
NOTHING = ledger.Period(
    opening=Money.zero(),
    closing=Money.zero(),
    count=0,
    money_in=Money.zero(),
    money_out=Money.zero(),
)


def wallet_period(party_id: UUID, wanted: ledger.Wanted) -> ledger.Period:
    """Return the balances of the wanted period, and count and sums of the wanted lines."""
    return _or(lambda: ledger.get_period(wallet(party_id), wanted), NOTHING)


def wallet_lines(
    party_id: UUID, wanted: ledger.Wanted, *, before: ledger.Mark | None = None, limit: int
) -> tuple[ledger.MarkedLine, ...]:
    """Return the wanted lines, newest first; `before` is the mark of the last line seen."""
    code = wallet(party_id)
    return _or(lambda: ledger.list_lines(code, wanted, before=before, limit=limit), ())


def wallet_kinds(party_id: UUID) -> tuple[str, ...]:
    """Return the kinds of what ever moved the wallet."""
    return _or(lambda: ledger.list_kinds(wallet(party_id)), ())


def wallet_days(party_id: UUID, since: date) -> tuple[ledger.DayBalance, ...]:
    """Return the balance after each day with movements from `since` on, and the one before."""
    return _or(lambda: ledger.list_day_balances(wallet(party_id), since), ())


def wallet_holds(party_id: UUID) -> tuple[ledger.OpenHold, ...]:
    """Return what is set aside in the wallet, oldest first."""
    return _or(lambda: ledger.list_open_holds(wallet(party_id)), ())


def _or(asked: Callable[[], R], otherwise: R) -> R:
    try:
        return asked()
    except UnknownAccount:
        return otherwise
