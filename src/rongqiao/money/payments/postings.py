"""What happened to money outside -> the journal of it (domain.md, 3)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money

CUSTODIAN_CASH = "custodian-cash"
OPERATOR_CAPITAL = "operator-capital"


def wallet(party_id: UUID) -> str:
    """Return the code of a party's wallet."""
    return f"wallet:{party_id}"


def receipt(document: str, on: date, party_id: UUID, amount: Money) -> Journal:
    """Money arrived at the bank and is the party's."""
    legs = (debit(CUSTODIAN_CASH, amount), credit(wallet(party_id), amount))
    return Journal("receipt", document, on, legs)


def withdrawal(document: str, on: date, party_id: UUID, amount: Money) -> Journal:
    """The party's money left through the bank."""
    legs = (debit(wallet(party_id), amount), credit(CUSTODIAN_CASH, amount))
    return Journal("withdrawal", document, on, legs)


def capital(document: str, on: date, amount: Money) -> Journal:
    """The operator paid in own funds."""
    legs = (debit(CUSTODIAN_CASH, amount), credit(OPERATOR_CAPITAL, amount))
    return Journal("capital", document, on, legs)
