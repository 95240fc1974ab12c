"""The bank's hook: nothing without the bank's signature, each event once, the verdict told."""

import hashlib
import hmac
import json
import logging

import pytest
from django.test import Client

from rongqiao.money.payments.models.orders import BankMessage
from tests.makers.banking import send
from tests.money.payments.test_orders import top_up, wallet_reads

PATH = "/hooks/bank"


def signed(body, at, secret, path=PATH):
    timestamp = str(int(at.timestamp()))
    message = f"{timestamp}\n{path}\n".encode() + body
    return {
        "x-timestamp": timestamp,
        "x-signature": hmac.new(secret.encode(), message, hashlib.sha256).hexdigest(),
    }


def written(command, clock):
    told = {
        name: value if value is None or isinstance(value, str) else value.isoformat()
        for name, value in vars(command).items()
    }
    told |= {"occurred_at": clock.now().isoformat()}
    return json.dumps(told).encode()


@pytest.fixture
def web(settings, tmp_path):
    """The whole of the web, its static files aside."""
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def ring(settings, clock, web):
    """Return `ring(body, secret=..., at=...)`: a POST to the hook."""
    settings.BANK_CALLBACK_SECRET = "the bank's"

    def post(body, secret="the bank's", at=None, **changes):
        headers = signed(body, at or clock.now(), secret) | changes
        return Client().post(PATH, body, content_type="application/json", headers=headers)

    return post


@pytest.fixture
def order(call, customer, card, gateway):
    made = top_up(call, customer, card)
    send(made.order_id)
    return made


def test_a_signed_call_moves_money_once(ring, order, gateway, clock, customer):
    body = written(gateway.callback(order.number), clock)
    answers = [ring(body) for _ in range(3)]
    assert [one.status_code for one in answers] == [200] * 3
    assert {one.content for one in answers} == {answers[0].content}
    assert answers[0].json()["verdict"] == "settled"
    assert wallet_reads(customer[1])[0] == "100.00"
    assert BankMessage.objects.count() == 1


def test_a_call_that_is_not_the_banks_is_refused_and_leaves_no_content(
    ring, order, gateway, clock, customer, caplog
):
    body = written(gateway.callback(order.number), clock)
    with caplog.at_level(logging.WARNING):
        answer = ring(body, secret="a thief's")
    assert (answer.status_code, answer.json()) == (401, {"error": "signature"})
    assert BankMessage.objects.count() == 0
    assert order.number not in caplog.text
    assert "signature" in caplog.text
    assert wallet_reads(customer[1])[0] == "0.00"


def test_a_signed_call_of_no_form_is_told_so(ring, order, gateway, clock):
    told = json.loads(written(gateway.callback(order.number), clock))
    for changes in ({"amount": "1e3"}, {"currency": "USD"}, {"state": "paid"}, {"event_id": ""}):
        answer = ring(json.dumps(told | changes).encode())
        assert answer.status_code == 422
    assert BankMessage.objects.count() == 0


def test_what_does_not_fit_is_kept_and_answered_409(ring, order, gateway, clock, customer):
    body = written(gateway.callback(order.number, amount="1.00"), clock)
    answer = ring(body)
    assert (answer.status_code, answer.json()["verdict"]) == (409, "parked:amount-differs")
    assert BankMessage.objects.get().verdict == "parked:amount-differs"


def test_the_same_event_with_another_body_is_refused(ring, order, gateway, clock, customer):
    first = gateway.callback(order.number)
    ring(written(first, clock))
    other = gateway.callback(order.number, event_id=first.event_id, reason="changed")
    answer = ring(written(other, clock))
    assert (answer.status_code, answer.json()) == (409, {"error": "platform.key-reused"})
    assert wallet_reads(customer[1])[0] == "100.00"


def test_the_hook_takes_no_other_verb(web, db):
    for verb in ("get", "put", "delete", "patch"):
        assert getattr(Client(), verb)(PATH).status_code == 405
