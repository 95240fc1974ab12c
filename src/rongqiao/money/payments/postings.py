"""What happened to money outside -> the journal of it (domain.md, 3)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from rongqiao.finance.bookkeeping import Journal, Leg, credit, debit
from rongqiao.finance.money import Money

CUSTODIAN_CASH = "custodian-cash"
OPERATOR_CAPITAL = "operator-capital"
OPERATOR_FUNDS = "operator-funds"
FUNDS_AT_CUSTODIAN = "funds-at-custodian"
SUSPENSE = "suspense"
TRANSFERS_UNDERWAY = "transfers-underway"
ACCOUNTS_OF_CAPITAL = (CUSTODIAN_CASH, OPERATOR_FUNDS, FUNDS_AT_CUSTODIAN, OPERATOR_CAPITAL)
# The kind of journal that a kind of order posts.
KINDS = {
    "top_up": "top-up",
    "withdrawal": "withdrawal",
    "direct_debit": "direct-debit",
    "transfer_in": "transfer-in",
    "transfer_out": "transfer-out",
    "refund": "refund",
}


def wallet(party_id: UUID) -> str:
    """Return the code of a party's wallet."""
    return f"wallet:{party_id}"


def receipt(document: str, on: date, party_id: UUID, amount: Money) -> Journal:
    """Money arrived at the bank and is the party's."""
    legs = (debit(CUSTODIAN_CASH, amount), credit(wallet(party_id), amount))
    return Journal("receipt", document, on, legs)


def capital(document: str, on: date, amount: Money) -> Journal:
    """The operator paid in own funds: custody book and own book each tell of it."""
    legs = (
        debit(CUSTODIAN_CASH, amount),
        credit(OPERATOR_FUNDS, amount),
        debit(FUNDS_AT_CUSTODIAN, amount),
        credit(OPERATOR_CAPITAL, amount),
    )
    return Journal("capital", document, on, legs)


def order(kind: str, document: str, on: date, party_id: UUID | None, amount: Money) -> Journal:
    """The bank carried an order out; see `KINDS` for what moves."""
    return Journal(KINDS[kind], document, on, _legs(kind, party_id, amount))


def set_aside(document: str, on: date, amount: Money) -> Journal:
    """Own money can no longer be lent: it waits for the bank to carry a transfer out.

    The own book follows at once, so that its side of the operator's money stays the same sum and
    the capital to be paid out cannot be used up meanwhile.
    """
    return Journal("transfer-out-set-aside", document, on, _aside(amount))


def put_back(document: str, on: date, amount: Money) -> Journal:
    """What was set aside is the operator's to use again; posted before every end of the order."""
    legs = tuple(Leg(leg.account, -leg.amount) for leg in _aside(amount))
    return Journal("transfer-out-put-back", document, on, legs)


def _aside(amount: Money) -> tuple[Leg, ...]:
    return (
        debit(OPERATOR_FUNDS, amount),
        credit(TRANSFERS_UNDERWAY, amount),
        debit(OPERATOR_CAPITAL, amount),
        credit(FUNDS_AT_CUSTODIAN, amount),
    )


def returned(kind: str, document: str, on: date, party_id: UUID | None, amount: Money) -> Journal:
    """The money of an order came back: every leg of it the other way."""
    legs = tuple(Leg(leg.account, -leg.amount) for leg in _legs(kind, party_id, amount))
    return Journal(f"{KINDS[kind]}-returned", document, on, legs)


def _legs(kind: str, party_id: UUID | None, amount: Money) -> tuple[Leg, ...]:
    into, out_of = debit(CUSTODIAN_CASH, amount), credit(CUSTODIAN_CASH, amount)
    match kind:
        case "transfer_in":
            own = debit(FUNDS_AT_CUSTODIAN, amount), credit(OPERATOR_CAPITAL, amount)
            return into, credit(OPERATOR_FUNDS, amount), *own
        case "transfer_out":
            own = debit(OPERATOR_CAPITAL, amount), credit(FUNDS_AT_CUSTODIAN, amount)
            return debit(OPERATOR_FUNDS, amount), out_of, *own
        case "refund":
            return debit(SUSPENSE, amount), out_of
        case _:
            pass
    assert party_id is not None, kind
    if kind == "withdrawal":
        return debit(wallet(party_id), amount), out_of
    return into, credit(wallet(party_id), amount)
