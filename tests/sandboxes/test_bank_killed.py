"""The bank's twin is killed while it works: what it answered it still knows."""

import threading

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import Unreachable
from tests.sandboxes.customers import order

ROUNDS = 5


@pytest.mark.faults
def test_what_was_accepted_is_still_there_after_kill_9(bank, gateway, card):
    accepted, number = set(), 0
    bank.faults(latency_ms=1)
    for _ in range(ROUNDS):
        killer = threading.Timer(0.25, bank.kill)
        killer.start()
        try:
            while True:
                number += 1
                gateway.send_order(order(f"PO-{number}", "top_up", "1.00", **card))
                accepted.add(f"PO-{number}")
        except Unreachable:
            pass
        killer.join()
        bank.restart()
    assert len(accepted) > ROUNDS
    assert all(gateway.find_order(one) for one in accepted)
    # What got no answer is either there or not: sending it again settles it.
    for one in range(1, number + 1):
        gateway.send_order(order(f"PO-{one}", "top_up", "1.00", **card))
    assert bank.settle() == number
    assert gateway.balance() == Money(number * 100)


def test_switches_clock_cards_and_callbacks_survive(bank, gateway, card, noon):
    bank.faults(fail_rate=0.5, seed=9)
    gateway.send_order(order("PO-1", "top_up", "1.00", **card))
    bank.settle()
    before = (bank.overview(), bank.get("/faults"))
    bank.kill()
    bank.restart()
    assert (bank.overview(), bank.get("/faults")) == before
    assert gateway.bind_card(card["account_no"], "6222021234567890123", "张伟")
    assert len(bank.callbacks()) == 1
