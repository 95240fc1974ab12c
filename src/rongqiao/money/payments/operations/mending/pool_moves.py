"""Journals of money that the bank moved in the pool without an order that fits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rongqiao.finance.bookkeeping import Journal, Leg, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.payments.postings import CUSTODIAN_CASH, FUNDS_AT_CUSTODIAN, SUSPENSE


@dataclass(frozen=True)
class Owner:
    """Whose money it is in the pool; `counter` is the own book's side of the operator's money."""

    account: str
    counter: str = ""


def pool_move(kind: str, document: str, on: date, minor: int, owner: Owner) -> Journal:
    """Return the journal of `minor` fen that came into the pool, or went out below zero.

    Custody book: custodian cash against the owner. Where the owner is the operator, the own book
    follows: funds at the custodian against `counter`.
    """
    assert minor, document
    amount = Money(abs(minor))
    legs = [debit(CUSTODIAN_CASH, amount), credit(owner.account, amount)]
    if owner.counter:
        legs += [debit(FUNDS_AT_CUSTODIAN, amount), credit(owner.counter, amount)]
    if minor < 0:
        legs = [Leg(leg.account, -leg.amount) for leg in legs]
    return Journal(kind, document, on, tuple(legs))


def out_of_suspense(kind: str, document: str, on: date, amount: Money, owner: Owner) -> Journal:
    """Return the journal of money in suspense whose owner is found; the pool stays as it is."""
    legs = [debit(SUSPENSE, amount), credit(owner.account, amount)]
    if owner.counter:
        legs += [debit(FUNDS_AT_CUSTODIAN, amount), credit(owner.counter, amount)]
    return Journal(kind, document, on, tuple(legs))
