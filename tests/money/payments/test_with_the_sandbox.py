"""Orders against the bank as a process of its own, with everything that goes wrong switched on."""

from datetime import timedelta

import httpx
import pytest
from django.test import RequestFactory

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import balance, check_balances, check_floors
from rongqiao.money.payments import jobs
from rongqiao.money.payments.models.orders import BankMessage, PaymentOrder
from rongqiao.money.payments.operations.orders.request_top_up import request_top_up
from rongqiao.money.payments.operations.orders.request_withdrawal import request_withdrawal
from rongqiao.money.payments.queries.cards import CARD_HOLD, bound_cards_of
from rongqiao.money.payments.queries.orders import cash_in_transit
from rongqiao.platform import relay
from rongqiao.platform.refusals import Refusal
from rongqiao.web.api.hooks import bank_called
from tests.makers import banking
from tests.makers.officers import pay_in
from tests.parties.people import actor, make_person
from tests.parties.people import card as card_number
from tests.sandboxes.bank import bank as bank_process

bank = bank_process
ORDERS = 24
FAULTS = {
    "fail_rate": 0.1,
    "duplicate_rate": 0.2,
    "late_rate": 0.2,
    "reorder_rate": 0.2,
    "wrong_signature_rate": 0.3,
    "lose_answer_rate": 0.2,
    "seed": 11,
}
# A return that is never told is learnt from the statement alone: reconciliation's affair.
LOSSES, RETURNS = {**FAULTS, "lose_rate": 0.3}, {**FAULTS, "return_rate": 0.3}


def deliver(bank):
    """Bring the callbacks that are due to the hook; return its answers."""
    made = RequestFactory()
    return [
        bank_called(
            made.post(
                told["path"],
                told["body"].encode(),
                content_type="application/json",
                headers=told["headers"],
            )
        ).status_code
        for told in bank.callbacks()
    ]


def a_round(bank, clock, step):
    """Time passes at both ends: the bank settles and tells, the worker looks after the rest."""
    clock.move(step)
    bank.clock(clock.now())
    bank.settle()
    answers = deliver(bank)
    jobs.chase_orders()
    return answers


@pytest.fixture
def customer(call, bank):
    made = make_person(call, 1)
    relay.drain(SUBSCRIBERS)
    bank.card(card_number(1), "王小明")
    bank.card(card_number(2), "王晓明")
    return made


@pytest.fixture
def card(call, clock, customer, bank):
    account = banking.add_card(call, customer)
    clock.move(CARD_HOLD)
    bank.clock(clock.now())
    return account


def test_the_bank_binds_a_card_of_the_owners_name_alone(call, customer, card):
    banking.add_card(call, customer, 2)
    assert [(one.state, one.reason) for one in bound_cards_of(customer[1])] == [
        ("bound", ""),
        ("refused", "name-mismatch"),
    ]


@pytest.mark.parametrize("faults", [LOSSES, RETURNS], ids=["losses", "returns"])
def test_every_order_ends_and_the_pool_agrees_whatever_goes_wrong(
    seeded_ids,
    call,
    clock,
    officers,
    customer,
    card,
    bank,
    faults,
):
    """Two dozen orders; lost answers, doubles, forgeries, calls late, lost and out of order."""
    held = bank.credit("王小明", "10000.00", serial="FIRST-CREDIT")
    pay_in(call, officers, customer[1], "10000.00", held)
    bank.faults(**faults)
    answers = []
    for number in range(ORDERS):
        try:
            if number % 2:
                wish = banking.withdrawal(customer, card, "10.01")
                order = request_withdrawal(wish, call(actor=actor(customer[0])))
            else:
                wish = banking.top_up(customer, card, "20.02")
                order = request_top_up(wish, call(actor=actor(customer[0])))
        except Refusal as refusal:
            pytest.fail(refusal.code)
        banking.send(order.order_id)
        answers += a_round(bank, clock, timedelta(seconds=20))
    for _round in range(12):
        answers += a_round(bank, clock, timedelta(hours=6))
    states = set(PaymentOrder.objects.values_list("state", flat=True))
    assert states == {"succeeded", "failed"}
    returned = PaymentOrder.objects.filter(is_returned=True).exists()
    assert returned == ("return_rate" in faults)
    assert 401 in answers
    assert not BankMessage.objects.filter(verdict="waiting").exists()
    assert not BankMessage.objects.filter(verdict__startswith="parked").exists()
    assert cash_in_transit().orders == 0
    assert (check_balances().broken, check_floors().broken) == (0, 0)
    assert -balance("custodian-cash") == bank.gateway().balance()


def test_a_bank_killed_in_the_middle_is_waited_for(call, clock, customer, card, bank):
    order = request_top_up(banking.top_up(customer, card, "20.00"), call(actor=actor(customer[0])))
    bank.kill()
    assert banking.send(order.order_id).state == "unknown"
    with pytest.raises(httpx.ConnectError):
        bank.settle()
    clock.move(timedelta(minutes=5))
    jobs.chase_orders()
    bank.restart()
    for _round in range(4):
        a_round(bank, clock, timedelta(minutes=30))
    assert PaymentOrder.objects.get().state == "succeeded"
    assert balance(f"wallet:{customer[1]}") == Money.yuan("20.00")
