"""A bank's book, officers, a customer with a card and an operator with money in the pool."""

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.money.payments.operations.mending.approve_mend import ApproveMend, approve_mend
from rongqiao.money.payments.operations.mending.propose_mend import ProposeMend, propose_mend
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.platform import relay
from tests.makers import banking
from tests.makers.officers import make_officer
from tests.makers.statements import BankBook, make_order
from tests.parties.people import actor, make_person


@pytest.fixture
def book(clock):
    return BankBook()


@pytest.fixture
def officers(clock):
    return make_officer(clock), make_officer(clock)


@pytest.fixture
def customer(call):
    made = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    return made


@pytest.fixture
def card(call, clock, customer, monkeypatch):
    """The id of a bank account bound a day ago."""
    banking.put_in_place(monkeypatch, clock)
    account_id = banking.add_card(call, customer)
    clock.move(CARD_HOLD)
    yield account_id
    clock.move(-CARD_HOLD)


@pytest.fixture
def order(call, book):
    """Return `order(kind, yuan, **more)`: an order of the operator's, carried out unless told."""
    return lambda kind, yuan, **more: make_order(call, book, kind, yuan, **more)


@pytest.fixture
def mended(call, officers):
    """Return `mended(case, mend, **more)`: one officer proposes, the other approves."""

    def mend(case, mend, **more):
        first, second = officers
        propose_mend(
            ProposeMend(break_id=case.pk, mend=mend, reason="核对无误", **more),
            call(actor=actor(first)),
        )
        return approve_mend(ApproveMend(break_id=case.pk), call(actor=actor(second)))

    return mend
