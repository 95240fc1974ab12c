"""Two finance officers, a customer with a wallet, a bank in memory, and a card bound there."""

import pytest

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.platform import relay
from tests.makers import banking
from tests.makers.officers import make_officer
from tests.parties.people import make_person


@pytest.fixture
def officers(clock):
    return make_officer(clock), make_officer(clock)


@pytest.fixture
def customer(call):
    made = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    return made


@pytest.fixture
def gateway(monkeypatch, clock):
    """The bank in memory."""
    return banking.put_in_place(monkeypatch, clock)


@pytest.fixture
def new_card(call, customer, gateway):
    """A card bound this moment."""
    return banking.add_card(call, customer)


@pytest.fixture
def card(new_card, clock):
    """A card bound a day ago."""
    clock.move(CARD_HOLD)
    return new_card
