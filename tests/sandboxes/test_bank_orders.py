"""The bank's twin: an order is one order however often it is sent, and money moves once."""

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import OrderToSend, Rejected, Unreachable
from tests.sandboxes.customers import CARD, order


def test_an_order_sent_twice_is_one_order(bank, gateway, card):
    wanted = order("PO-1", "top_up", **card)
    assert gateway.send_order(wanted) == gateway.send_order(wanted)
    assert gateway.find_order("PO-1").state == "processing"
    assert bank.settle() == 1
    assert gateway.send_order(wanted).state == "accepted"
    assert bank.settle() == 0
    found = gateway.find_order("PO-1")
    assert (found.state, found.amount) == ("succeeded", Money.yuan("100.00"))
    assert found.settled_on.isoformat() == "2026-01-05"
    assert gateway.balance() == Money.yuan("100.00")


def test_another_body_under_a_known_number_decides_nothing(bank, gateway, card):
    gateway.send_order(order("PO-1", "top_up", **card))
    with pytest.raises(Unreachable, match="409"):
        gateway.send_order(order("PO-1", "top_up", "100.01", **card))
    bank.settle()
    assert gateway.balance() == Money.yuan("100.00")


def test_every_kind_of_order_moves_the_pool_its_own_way(bank, gateway, card):
    kinds = {"transfer_in": 1, "top_up": 1, "direct_debit": 1, "withdrawal": -1, "refund": -1}
    for number, kind in enumerate(kinds):
        is_customers = kind != "transfer_in"
        gateway.send_order(order(f"PO-{number}", kind, "10.00", **(card if is_customers else {})))
    bank.settle()
    assert gateway.balance() == Money.yuan("10.00")
    gateway.send_order(order("PO-9", "transfer_out", "10.00"))
    bank.settle()
    assert gateway.balance() == Money.zero()


def test_the_pool_never_goes_below_zero(bank, gateway, card):
    gateway.send_order(order("PO-1", "top_up", "10.00", **card))
    for number in range(3):
        gateway.send_order(order(f"W-{number}", "withdrawal", "6.00", **card))
    bank.settle()
    states = [gateway.find_order(f"W-{number}") for number in range(3)]
    assert [one.state for one in states] == ["succeeded", "failed", "failed"]
    assert states[1].reason == "insufficient-pool"
    assert gateway.balance() == Money.yuan("4.00")


def test_a_card_without_money_or_closed_fails_with_the_reason(bank, gateway, card):
    bank.card(CARD, "张伟", balance="99.99")
    gateway.send_order(order("PO-1", "top_up", **card))
    bank.settle()
    assert gateway.find_order("PO-1").reason == "insufficient-card-balance"
    bank.card(CARD, "张伟", is_closed=True)
    gateway.send_order(order("PO-2", "direct_debit", **card))
    bank.settle()
    failed = gateway.find_order("PO-2")
    assert (failed.state, failed.reason) == ("failed", "card-closed")
    assert failed.settled_on.isoformat() == "2026-01-05"
    assert gateway.balance() == Money.zero()


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("top_up", {"account_no": "6001000000000000"}, "unknown-account"),
        ("top_up", {"card_token": "T0"}, "unknown-card"),
        ("withdrawal", {"card_token": ""}, "unknown-card"),
        ("transfer_out", {}, "not-the-operators"),
        ("loan", {}, "kind"),
        ("refund", {"original_serial": "B000000000000000000"}, "unknown-credit"),
    ],
)
def test_an_order_that_cannot_be_is_refused_at_the_door(bank, gateway, card, kind, more, code):
    for _ in range(2):
        with pytest.raises(Rejected) as told:
            gateway.send_order(order("PO-1", kind, **{**card, **more}))
        assert told.value.code == code
    bank.settle()
    found = gateway.find_order("PO-1")
    assert found is None or (found.state, found.reason) == ("failed", code)


def test_a_refusal_stays_one_when_its_cause_is_gone(bank, gateway):
    wanted = order("PO-1", "refund", "1.00", original_serial="B-LATER")
    with pytest.raises(Rejected):
        gateway.send_order(wanted)
    bank.credit("李四", "5.00", serial="B-LATER")
    with pytest.raises(Rejected):
        gateway.send_order(wanted)
    assert gateway.balance() == Money.yuan("5.00")


def test_a_refund_gives_back_no_more_than_came(bank, gateway):
    serial = bank.credit("李四", "5.00", "误转")
    gateway.send_order(order("R-1", "refund", "3.00", original_serial=serial))
    with pytest.raises(Rejected, match="more-than-came"):
        gateway.send_order(order("R-2", "refund", "2.01", original_serial=serial))
    gateway.send_order(order("R-3", "refund", "2.00", original_serial=serial))
    bank.settle()
    assert gateway.balance() == Money.zero()


AMOUNTS = ["-1.00", "0.00", "0.001", "1e3", "NaN", "Infinity", "1", "1.0", "1,000.00", "１.００"]


@pytest.mark.parametrize("amount", [*AMOUNTS, "99999999999999.99", "01.00", " 1.00", "", 1, None])
def test_an_amount_that_is_none_is_refused(bank, signed, amount):
    body = {"order_no": "PO-1", "kind": "transfer_in", "amount": amount, "currency": "CNY"}
    answer = signed("POST", "/v1/orders", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "amount")
    assert bank.overview()["orders"] == {}


def test_another_currency_is_refused(signed):
    body = {"order_no": "PO-1", "kind": "transfer_in", "amount": "1.00", "currency": "USD"}
    assert signed("POST", "/v1/orders", body).json()["code"] == "currency"


def test_a_number_closed_before_it_was_seen_is_refused_for_ever(bank, gateway):
    closed = gateway.close_order("PO-1")
    assert (closed.state, closed.amount) == ("closed", None)
    with pytest.raises(Rejected, match="closed"):
        gateway.send_order(order("PO-1"))
    bank.settle()
    assert gateway.close_order("PO-1").state == gateway.find_order("PO-1").state == "closed"
    assert gateway.balance() == Money.zero()


def test_an_order_the_bank_has_is_not_closed_any_more(bank, gateway):
    gateway.send_order(order("PO-1"))
    assert gateway.close_order("PO-1").state == "processing"
    bank.settle()
    assert gateway.close_order("PO-1").state == "succeeded"


def test_a_number_never_seen_is_none(gateway):
    assert gateway.find_order("PO-404") is None


def test_a_batch_is_taken_once_and_each_order_for_itself(bank, gateway, card):
    wanted = [order("PO-1", "top_up", **card), order("PO-2", "top_up"), order("PO-3")]
    taken = gateway.send_batch("B-1", wanted)
    assert [(item.state, item.code) for item in taken] == [
        ("accepted", ""),
        ("refused", "unknown-card"),
        ("accepted", ""),
    ]
    assert gateway.send_batch("B-1", wanted) == taken
    with pytest.raises(Unreachable, match="409"):
        gateway.send_batch("B-1", wanted[:1])
    assert bank.settle() == 2
    assert gateway.balance() == Money.yuan("200.00")


def test_a_batch_with_one_number_twice_is_refused_whole(bank, gateway):
    with pytest.raises(Rejected, match="batch"):
        gateway.send_batch("B-1", [order("PO-1"), order("PO-1", amount="2.00")])
    assert bank.overview()["orders"] == {}


def test_an_order_settles_when_its_time_has_come(bank, gateway, noon):
    bank.faults(settle_after_ms=60_000)
    gateway.send_order(order("PO-1"))
    bank.clock(noon.replace(second=59))
    assert bank.settle() == 0
    bank.clock(noon.replace(minute=1))
    assert bank.settle() == 1


def test_an_order_carries_its_words_but_no_new_lines(gateway):
    with pytest.raises(Rejected, match="field"):
        gateway.send_order(
            OrderToSend(order_no="PO-1", kind="transfer_in", amount=Money(1), memo="a\nb")
        )
