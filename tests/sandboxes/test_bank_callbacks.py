"""Callbacks: pushed until they are taken, and believed only when everything about them fits."""

import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rongqiao.money.payments.queries.bank_callbacks import BadCallback, verify_callback
from tests.sandboxes.bank import BankProcess
from tests.sandboxes.customers import order

SECRET, PATH = "the bank's", "/hooks/bank"
NOW = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
TOLD = {
    "event_id": "E1",
    "order_no": "PO-1",
    "state": "succeeded",
    "amount": "100.00",
    "currency": "CNY",
    "bank_serial": "B1",
    "reason": "",
    "settled_on": "2026-01-05",
    "returned_on": "",
    "return_serial": "",
    "occurred_at": "2026-01-05T12:00:00+08:00",
}


def verified(body, *, at=NOW, secret=SECRET, path=PATH, **changed):
    timestamp = str(int(at.timestamp()))
    message = f"{timestamp}\n{path}\n".encode() + body
    called = {
        "secret": SECRET,
        "timestamp": timestamp,
        "signature": hmac.new(secret.encode(), message, hashlib.sha256).hexdigest(),
        "path": PATH,
        "body": body,
        "now": NOW,
    }
    return verify_callback(**{**called, **changed})


def reason_of(body, **how):
    with pytest.raises(BadCallback) as told:
        verified(body, **how)
    return told.value.reason


def written(**changed):
    return json.dumps({**TOLD, **changed}).encode()


def test_what_the_bank_signed_is_read():
    read = verified(written(reason="银行拒绝", new_field="ignored"))
    assert (read.order_no, read.amount, read.amount_minor) == ("PO-1", "100.00", 10_000)
    assert (read.settled_on, read.occurred_at, read.returned_on) == (date(2026, 1, 5), NOW, None)


def test_a_return_names_its_own_line():
    read = verified(written(state="returned", returned_on="2026-01-06", return_serial="B2"))
    assert (read.returned_on, read.return_serial) == (date(2026, 1, 6), "B2")
    assert reason_of(written(state="returned")) == "field:returned_on"


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 10**9])
def test_a_stale_call_is_not_believed(seconds):
    assert reason_of(written(), at=NOW + timedelta(seconds=seconds)) == "stale"


@pytest.mark.parametrize("timestamp", ["", "now", "-1", "１７６７５８５６００", "9" * 5000, "1e9"])
def test_a_time_that_is_none_is_not_believed(timestamp):
    assert reason_of(written(), timestamp=timestamp) == "stale"


def test_a_forged_call_is_not_believed():
    assert reason_of(written(), secret="ours") == "signature"
    assert reason_of(written(), path="/hooks/sms") == "signature"
    for signature in ("", "é", "0" * 64):
        assert reason_of(written(), signature=signature) == "signature"
    true = json.loads(written())
    timestamp = str(int(NOW.timestamp()))
    message = f"{timestamp}\n{PATH}\n".encode() + written()
    good = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    for name in ("order_no", "amount", "state"):
        changed = json.dumps({**true, name: "9.00"}).encode()
        assert reason_of(changed, signature=good) == "signature"


BAD_AMOUNTS = [
    "-1.00",
    "0.00",
    "0.001",
    "1e3",
    "NaN",
    "99999999999999.99",
    "１.００",
    "1",
    1.5,
    None,
]


@pytest.mark.parametrize("amount", [*BAD_AMOUNTS, "1,000.00", "+1.00", "00.10", " 1.00"])
def test_an_amount_that_is_none_is_not_believed(amount):
    assert reason_of(written(amount=amount)) == "field:amount"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "paid"),
        ("state", "processing"),
        ("currency", "USD"),
        ("currency", "cny"),
        ("order_no", ""),
        ("order_no", "x" * 65),
        ("order_no", "PO 1"),
        ("event_id", None),
        ("event_id", ["E1"]),
        ("bank_serial", "B1'; --"),
        ("reason", "\x00"),
        ("reason", "\ud800"),
        ("reason", "x" * 201),
        ("settled_on", "2026-02-30"),
        ("settled_on", "20260105"),
        ("occurred_at", "2026-01-05T12:00:00"),
        ("occurred_at", 1767585600),
    ],
)
def test_a_field_of_another_form_is_not_believed(field, value):
    assert reason_of(written(**{field: value})) == f"field:{field}"
    body = {name: told for name, told in TOLD.items() if name != field}
    assert reason_of(json.dumps(body).encode()) == f"field:{field}"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 4000, b'{"a":1,"a":2}'])
def test_a_body_that_is_no_object_is_not_believed(body):
    assert reason_of(body) == "json"


def test_a_body_too_long_is_not_read():
    assert reason_of(b" " * 4097) == "size"


@pytest.fixture
def platform():
    """A server that notes the callbacks and answers them with the codes in `answers`."""
    taken, answers = [], []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            taken.append((self.path, self.headers, body))
            self.send_response(answers.pop(0) if answers else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_said):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.taken, server.answers = taken, answers
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def pushing(tmp_path, platform):
    """A bank that settles and calls back by itself."""
    callback = f"http://127.0.0.1:{platform.server_port}/hooks/bank"
    bank = BankProcess(tmp_path / "bank").start(manual=False, callback=callback)
    bank.faults(settle_after_ms=0)
    yield bank
    bank.stop()


def wait_for(count, taken):
    end = time.monotonic() + 60
    while len(taken) < count and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.2)
    return len(taken)


def test_a_result_is_pushed_until_it_is_taken(pushing, platform):
    platform.answers[:] = [503, 500]
    gateway = pushing.gateway()
    gateway.send_order(order("PO-1"))
    assert wait_for(3, platform.taken) == 3
    for path, headers, body in platform.taken:
        read = verify_callback(
            secret=pushing.callback_secret,
            timestamp=headers["x-timestamp"],
            signature=headers["x-signature"],
            path=path,
            body=body,
            now=datetime.now(UTC),
        )
        assert (read.order_no, read.state) == ("PO-1", "succeeded")
    assert pushing.overview()["callbacks"] == {"200": 1}


def test_what_was_not_told_before_kill_9_is_told_after(pushing, platform):
    platform.answers[:] = [500]
    pushing.gateway().send_order(order("PO-1"))
    wait_for(1, platform.taken)
    pushing.kill()
    pushing.restart()
    assert wait_for(2, platform.taken) == 2


def test_a_forger_is_told_no_once_and_the_truth_comes(pushing, platform):
    pushing.faults(wrong_signature_rate=1)
    platform.answers[:] = [401]
    pushing.gateway().send_order(order("PO-1"))
    assert wait_for(2, platform.taken) == 2
    assert pushing.overview()["callbacks"] == {"200": 1, "401": 1}
