"""Whom an officer means by a phone number, a loan's number or the remark code of a transfer."""

from __future__ import annotations

from uuid import UUID

from rongqiao.lending.servicing.queries.loans import party_of_loan_number
from rongqiao.parties.queries import find_party_by_code, find_user_by_phone, list_parties_of


def find_customer(text: str) -> UUID | None:
    """Return the one party the text leads to; None where it leads to none or to several."""
    text = text.strip()
    found = party_of_loan_number(text) or find_party_by_code(text)
    if found is not None:
        return found
    user = find_user_by_phone(text)
    parties = list_parties_of(user) if user else ()
    return parties[0].id if len(parties) == 1 else None
