"""What goes wrong on purpose: the same at every run, and never the bank's own books."""

import json

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import Unreachable
from rongqiao.money.payments.queries.bank_callbacks import BadCallback, verify_callback
from tests.sandboxes.bank import BankProcess
from tests.sandboxes.customers import order

RATES = ("fail", "duplicate", "lose", "late", "reorder", "wrong_signature", "lose_answer")
STORM = {f"{name}_rate": 0.2 for name in RATES}


def told(bank, callback, now):
    headers = callback["headers"]
    return verify_callback(
        secret=bank.callback_secret,
        timestamp=headers["x-timestamp"],
        signature=headers["x-signature"],
        path=callback["path"],
        body=callback["body"].encode(),
        now=now,
    )


def numbers(bank):
    return [json.loads(one["body"])["order_no"] for one in bank.callbacks()]


def sent(bank, gateway, wanted):
    """Send orders; return the numbers whose answer got lost."""
    lost = []
    for one in wanted:
        try:
            gateway.send_order(one)
        except Unreachable:
            lost.append(one.order_no)
    return lost


def test_two_runs_meet_the_same_faults(tmp_path, noon):
    runs = []
    for run in range(2):
        bank = BankProcess(tmp_path / str(run)).start(faults={**STORM, "seed": 7})
        bank.clock(noon)
        wanted = [order(f"PO-{number}") for number in range(60)]
        lost = sent(bank, bank.gateway(), wanted if run == 0 else wanted[::-1])
        bank.settle()
        bank.clock(noon.replace(minute=5))
        bodies = sorted(one["body"] for one in bank.callbacks())
        runs.append(
            (sorted(lost), bodies, bank.overview()["balance"], bank.overview()["callbacks"])
        )
        bank.stop()
    assert runs[0] == runs[1]
    assert 0 < len(runs[0][0]) < 60


def test_another_seed_meets_other_orders(bank, gateway):
    failed = []
    for seed in (1, 2):
        bank.faults(fail_rate=0.3, seed=seed)
        for number in range(40):
            gateway.send_order(order(f"PO-{seed}-{number}"))
        bank.settle()
        states = [gateway.find_order(f"PO-{seed}-{number}").state for number in range(40)]
        failed.append([state == "failed" for state in states])
    assert failed[0] != failed[1]
    assert all(2 < sum(one) < 25 for one in failed)


def test_a_failed_order_moves_nothing(bank, gateway):
    bank.faults(fail_rate=1)
    gateway.send_order(order("PO-1"))
    bank.settle()
    found = gateway.find_order("PO-1")
    assert (found.state, found.reason) == ("failed", "bank-declined")
    assert gateway.balance() == Money.zero()


def test_a_lost_answer_is_an_order_taken(bank, gateway):
    bank.faults(lose_answer_rate=1)
    with pytest.raises(Unreachable):
        gateway.send_order(order("PO-1"))
    with pytest.raises(Unreachable):
        gateway.send_batch("B-1", [order("PO-2")])
    assert gateway.send_order(order("PO-1")).state == "accepted"
    assert gateway.send_batch("B-1", [order("PO-2")])[0].state == "accepted"
    assert bank.settle() == 2


def test_a_duplicate_comes_with_the_same_event(bank, gateway, noon):
    bank.faults(duplicate_rate=1)
    gateway.send_order(order("PO-1"))
    bank.settle()
    first, second = bank.callbacks()
    assert told(bank, first, noon) == told(bank, second, noon)


def test_a_lost_callback_never_comes_and_the_order_is_still_known(bank, gateway):
    bank.faults(lose_rate=1)
    gateway.send_order(order("PO-1"))
    bank.settle()
    assert bank.callbacks() == []
    assert gateway.find_order("PO-1").state == "succeeded"


def test_a_late_callback_comes_late_and_freshly_signed(bank, gateway, noon):
    bank.faults(late_rate=1, late_by_ms=3_600_000)
    gateway.send_order(order("PO-1"))
    bank.settle()
    assert bank.callbacks() == []
    later = noon.replace(hour=5)
    bank.clock(later)
    (callback,) = bank.callbacks()
    assert told(bank, callback, later).occurred_at == noon
    with pytest.raises(BadCallback, match="stale"):
        told(bank, callback, noon)


def test_callbacks_come_out_of_order(bank, gateway):
    bank.faults(reorder_rate=0.3, seed=3)
    wanted = [f"PO-{number:02d}" for number in range(30)]
    for number in wanted:
        gateway.send_order(order(number))
    bank.settle()
    found = numbers(bank)
    assert sorted(found) == wanted
    assert found != wanted


def test_a_forgery_comes_before_the_truth(bank, gateway, noon):
    bank.faults(wrong_signature_rate=1)
    gateway.send_order(order("PO-1"))
    bank.settle()
    forged, true = bank.callbacks()
    assert forged["body"] == true["body"]
    with pytest.raises(BadCallback, match="signature"):
        told(bank, forged, noon)
    assert told(bank, true, noon).state == "succeeded"


@pytest.mark.parametrize("is_reordered", [False, True])
def test_a_returned_withdrawal_succeeds_first_and_comes_back(
    bank, gateway, card, noon, is_reordered
):
    bank.faults(return_rate=1, return_after_ms=60_000, reorder_rate=int(is_reordered))
    gateway.send_order(order("PO-1", "top_up", "10.00", **card))
    bank.settle()
    bank.callbacks()
    gateway.send_order(order("PO-2", "withdrawal", "4.00", **card))
    bank.settle()
    assert gateway.balance() == Money.yuan("6.00")
    assert gateway.find_order("PO-2").state == "succeeded"
    came = bank.callbacks()
    later = noon.replace(day=6)
    bank.clock(later)
    bank.settle()
    came += bank.callbacks()
    states = [json.loads(one["body"])["state"] for one in came]
    assert states == (["returned", "succeeded"] if is_reordered else ["succeeded", "returned"])
    found = gateway.find_order("PO-2")
    assert (found.state, found.reason) == ("returned", "returned-by-card-bank")
    assert (found.settled_on.day, found.returned_on.day) == (5, 6)
    assert gateway.balance() == Money.yuan("10.00")
    returned = told(bank, came[states.index("returned")], later)
    assert (returned.return_serial, returned.bank_serial) == (
        found.return_serial,
        found.bank_serial,
    )
    assert returned.return_serial != returned.bank_serial
