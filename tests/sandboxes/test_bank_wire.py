"""Who may ask the bank anything: signed, fresh, never seen, and nothing of it changed."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import (
    TIMEOUT_SECONDS,
    HttpBank,
    NotReady,
    Unreachable,
)
from rongqiao.money.payments.gateways.bank import bank as bank_of_the_installation
from rongqiao.platform.clock import MachineClock
from tests.sandboxes.bank import BankProcess
from tests.sandboxes.customers import order

BODY = {"order_no": "PO-1", "kind": "transfer_in", "amount": "1.00", "currency": "CNY"}


def refused(answer):
    return answer.status_code, answer.json()["code"]


def test_an_unsigned_request_is_not_answered(bank):
    for method, path in (("GET", "/v1/balance"), ("POST", "/v1/orders"), ("GET", "/v1/nothing")):
        assert refused(bank.client.request(method, bank.url + path)) == (401, "stale")


def test_another_secret_says_nothing_about_the_outcome(bank, gateway):
    with pytest.raises(Unreachable, match="401"):
        HttpBank(bank.url, "another").send_order(order("PO-1"))
    assert gateway.find_order("PO-1") is None


@pytest.mark.parametrize("seconds", [-301, -86_400, 302, 86_400])
def test_a_stale_request_is_refused(signed, seconds):
    answer = signed("POST", "/v1/orders", BODY, at=int(time.time()) + seconds)
    assert refused(answer) == (401, "stale")


def test_a_patient_bank_takes_what_was_under_way_for_an_hour(bank, tmp_path, monkeypatch):
    patient = BankProcess(tmp_path / "patient").start(patient=True)
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    monkeypatch.setattr(MachineClock, "now", lambda _: an_hour_ago)
    with pytest.raises(Unreachable, match="401"):
        bank.gateway().balance()
    assert patient.gateway().balance() == Money.zero()
    patient.stop()


def test_a_request_is_taken_once(bank, signed):
    assert signed("POST", "/v1/orders", BODY, nonce="n-1").status_code == 202
    assert refused(signed("POST", "/v1/orders", BODY, nonce="n-1")) == (401, "replayed")
    bank.kill()
    bank.restart()
    assert refused(signed("POST", "/v1/orders", BODY, nonce="n-1")) == (401, "replayed")


@pytest.mark.parametrize(
    "sent",
    [
        {"content": b'{"order_no": "PO-1", "kind": "transfer_in", "amount": "9.00"}'},
        {"path": "/v1/batches"},
        {"path": "/v1/orders?again=1"},
        {"method": "PUT"},
    ],
)
def test_a_request_changed_on_its_way_is_refused(bank, signed, sent):
    assert signed("POST", "/v1/orders", BODY, sent=sent).status_code in (401, 501)
    assert bank.overview()["orders"] == {}


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'"x"', b"[" * 5000])
def test_a_body_that_is_no_object_is_refused(bank, content):
    answer = bank.client.post(bank.url + "/sandbox/credits", content=content)
    assert refused(answer) == (400, "json")


def test_a_body_without_end_is_not_read(bank):
    answer = bank.client.post(bank.url + "/faults", content=b" " * (3 * 1024 * 1024))
    assert refused(answer) == (413, "size")


def test_pages_of_other_origins_throw_no_switch(bank):
    for headers in ({"origin": "https://elsewhere.example"}, {"host": "elsewhere.example"}):
        answer = bank.client.post(bank.url + "/faults", json={"fail_rate": 1}, headers=headers)
        assert refused(answer) == (403, "origin")
    assert bank.get("/faults")["fail_rate"] == 0


def test_a_bank_that_is_not_there_leaves_the_outcome_open(bank, gateway):
    gateway.send_order(order("PO-1"))
    bank.kill()
    with pytest.raises(Unreachable):
        gateway.send_order(order("PO-2"))
    with pytest.raises(Unreachable):
        gateway.find_order("PO-1")


def test_a_slow_bank_is_not_waited_for_beyond_the_timeout(bank, gateway):
    bank.faults(latency_ms=20_000)
    before = time.monotonic()
    with pytest.raises(Unreachable, match="Timeout"):
        bank.gateway(timeout=0.2).send_order(order("PO-1"))
    # Far from both, so that a busy machine is not taken for a client that waits.
    assert time.monotonic() - before < 10
    bank.faults(latency_ms=300)
    assert gateway.send_order(order("PO-2")).state == "accepted"


def test_only_a_simulated_life_waits_for_the_bank_without_end(settings):
    assert bank_of_the_installation().timeout == TIMEOUT_SECONDS
    settings.IS_BANK_HURRIED = False
    assert bank_of_the_installation().timeout is None


def test_an_answer_of_somebody_else_is_not_never_seen(bank):
    with pytest.raises(Unreachable):
        HttpBank(f"{bank.url}/elsewhere", bank.secret).find_order("PO-1")


def test_a_statement_is_not_ready_before_its_day_has_ended(gateway, noon):
    with pytest.raises(NotReady):
        gateway.fetch_statement(noon.date())


def test_an_unsound_switch_changes_nothing(bank):
    for wanted in (
        {"fail_rate": 2},
        {"seed": -1},
        {"seed": True},
        {"luck": 1},
        {"latency_ms": "1"},
    ):
        assert refused(bank.client.post(bank.url + "/faults", json=wanted)) == (422, "fault")
    assert bank.get("/faults")["fail_rate"] == 0


def test_the_banks_clock_does_not_go_behind_what_is_booked(bank, gateway, noon):
    bank.credit("李四", "1.00")
    answer = bank.client.post(
        bank.url + "/sandbox/clock", json={"now": noon.replace(hour=3).isoformat()}
    )
    assert refused(answer) == (409, "clock-backwards")
    for told in ("yesterday", "2026-01-05T12:00:00", 5):
        assert bank.client.post(bank.url + "/sandbox/clock", json={"now": told}).status_code == 422
