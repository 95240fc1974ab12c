"""Finance officers, books that live through some months, and a sealed chain."""

from datetime import date

import psycopg
import pytest

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.closing.seal_books import seal_what_stands
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.parties.models import RoleGrant
from rongqiao.platform.ids import new_id
from tests.money.ledger.conftest import act
from tests.parties.people import actor, make_user

FIRST_DAY = date(2026, 1, 5)
PRODUCT = "sme-credit"
CODES = [
    "custodian-cash", "operator-funds", "funds-at-custodian", "operator-capital", "suspense",
    "bank-charges", "wallet:a", "wallet:b", f"loan-principal:{PRODUCT}",
    f"interest-receivable:{PRODUCT}", f"interest-income:{PRODUCT}", f"write-off:{PRODUCT}",
]  # fmt: skip


def make_officer(clock, role="finance"):
    user_id = make_user()
    RoleGrant.objects.create(
        id=new_id(clock.now()),
        user_id=user_id,
        role=role,
        state="confirmed",
        proposed_by="user:a",
        proposed_at=clock.now(),
        decided_by="user:b",
        decided_at=clock.now(),
    )
    return actor(user_id)


@pytest.fixture
def officers(clock):
    return make_officer(clock), make_officer(clock)


def capital(minor, on, document="capital"):
    amount = Money(minor)
    legs = (
        debit("custodian-cash", amount),
        credit("operator-funds", amount),
        debit("funds-at-custodian", amount),
        credit("operator-capital", amount),
    )
    return Journal("capital", document, on, legs)


def loan(minor, on, wallet="wallet:a", document="loan"):
    amount = Money(minor)
    legs = (
        debit("operator-funds", amount),
        credit(wallet, amount),
        debit(f"loan-principal:{PRODUCT}", amount),
        credit("funds-at-custodian", amount),
    )
    return Journal("loan-disbursement", document, on, legs)


def interest(minor, on, document="interest"):
    amount = Money(minor)
    legs = (
        debit(f"interest-receivable:{PRODUCT}", amount),
        credit(f"interest-income:{PRODUCT}", amount),
    )
    return Journal("loan-charges", document, on, legs)


def receipt(minor, on, wallet="wallet:b", document="receipt"):
    amount = Money(minor)
    return Journal(
        "receipt", document, on, (debit("custodian-cash", amount), credit(wallet, amount))
    )


@pytest.fixture
def book(call):
    """Return `book(*journals)`: posts them, opening the accounts at first."""
    act(lambda c: open_accounts(CODES, c), call())

    def booking(*journals):
        return act(lambda c: post(list(journals), c), call())

    return booking


@pytest.fixture
def two_months(book):
    """A December and the beginning of a January: capital, a loan, interest, a receipt."""
    return book(
        capital(1_000_000, date(2025, 12, 1)),
        loan(400_000, date(2025, 12, 10)),
        interest(1_234, date(2025, 12, 31)),
        receipt(50_000, date(2026, 1, 2)),
        interest(567, date(2026, 1, 3)),
    )


def prove(database):
    """Move the horizon to the last journal: nobody is posting.

    It would get there by itself, but only when transactions of other tests have ended too: they run
    in the same server.
    """
    with psycopg.connect(database.owner_url) as owner:
        owner.execute(
            """UPDATE ledger_horizon SET observed_id = last, proven_id = last
               FROM (SELECT max(id) AS last FROM ledger_journal) known WHERE last > proven_id"""
        )


def seal(database):
    """Seal every journal; return how many."""
    prove(database)
    return seal_what_stands()
