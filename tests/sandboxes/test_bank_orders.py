"""The bank's twin: an order is one order however often it is sent, and money moves once."""

from datetime import UTC, datetime

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import OrderToSend, Unreachable

NOON = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
CARD = "6222021234567890123"


@pytest.fixture
def gateway(bank):
    bank.clock(NOON)
    return bank.gateway()


@pytest.fixture
def card(gateway):
    """An account with a bound card: what orders of a customer name."""
    account = gateway.open_account("C-1", "张伟", "person")
    bound = gateway.bind_card(account.account_no, CARD, "张伟")
    return {"account_no": account.account_no, "card_token": bound.card_token}


def order(number, kind="transfer_in", amount="100.00", **more):
    return OrderToSend(order_no=number, kind=kind, amount=Money.yuan(amount), **more)


def test_an_order_sent_twice_is_one_order(bank, gateway, card):
    wanted = order("PO-1", "top_up", **card)
    assert gateway.send_order(wanted) == gateway.send_order(wanted)
    assert gateway.find_order("PO-1").state == "processing"
    assert bank.settle() == 1
    assert gateway.send_order(wanted).state == "accepted"
    assert bank.settle() == 0
    found = gateway.find_order("PO-1")
    assert (found.state, found.amount, found.settled_on.isoformat()) == (
        "succeeded",
        Money.yuan("100.00"),
        "2026-01-05",
    )
    assert gateway.balance() == Money.yuan("100.00")


def test_another_body_under_a_known_number_decides_nothing(bank, gateway, card):
    gateway.send_order(order("PO-1", "top_up", **card))
    with pytest.raises(Unreachable, match="409"):
        gateway.send_order(order("PO-1", "top_up", "100.01", **card))
    bank.settle()
    assert gateway.balance() == Money.yuan("100.00")
