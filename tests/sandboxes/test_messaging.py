"""The twins of texts and mails: whatever a stranger sends is answered, and changes nothing."""

import hashlib
import hmac
import http.client
import json
import threading
import time

import pytest

from rongqiao_sandboxes import mail, sms

SECRET = "shared secret of a test"
DEEP = b"[" * 12_000
TWINS = {"sms": (sms, "/v1/messages"), "mail": (mail, "/v1/mails")}


@pytest.fixture(params=sorted(TWINS))
def twin(request, tmp_path):
    """A twin's port, and where it takes messages."""
    module, path = TWINS[request.param]
    server = module.serve(0, tmp_path, SECRET, "")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, path
    server.shutdown()
    server.server_close()


def ask(port, path, headers, content=b"{}", method="POST"):
    """Send a request exactly as it is written; return its status and what was answered."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        has_host = "host" in headers
        line.putrequest(method, path, skip_host=has_host, skip_accept_encoding=True)
        for name, value in {"content-length": str(len(content)), **headers}.items():
            line.putheader(name, value)
        line.endheaders(content)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def signed(path, content):
    at = str(int(time.time()))
    message = f"{at}\n{path}\n".encode() + content
    signature = hmac.new(SECRET.encode(), message, hashlib.sha256).hexdigest()
    return {"x-timestamp": at, "x-signature": signature}


@pytest.mark.parametrize("timestamp", ["", "x", "-1", "1e9", "9" * 13, "9" * 5_000, "²"])
def test_a_time_that_is_none_is_not_believed(twin, timestamp):
    port, path = twin
    headers = {"x-timestamp": timestamp.encode("latin-1"), "x-signature": "0" * 64}
    assert ask(port, path, headers)[0] == 401


@pytest.mark.parametrize("signature", ["", "é" * 64, "0" * 64])
def test_a_signature_that_is_none_is_not_believed(twin, signature):
    port, path = twin
    headers = {"x-timestamp": str(int(time.time())), "x-signature": signature.encode("latin-1")}
    assert ask(port, path, headers)[0] == 401


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "9" * 9, "0" * 9 + "9" * 9, "9" * 5_000])
def test_a_body_of_no_such_length_is_not_read(twin, length):
    port, path = twin
    assert ask(port, path, {"content-length": length})[0] == 413


@pytest.mark.parametrize("content", [DEEP, b"\xff\xfe", b"[1]", b"null", b'{"id": 1}'])
def test_a_body_that_is_no_message_is_refused(twin, content):
    port, path = twin
    assert ask(port, path, signed(path, content), content)[0] == 422
    assert ask(port, "/faults", {}, content)[0] == 200


def test_a_page_of_another_site_reads_no_codes_and_throws_no_switch(twin):
    port, path = twin
    content = json.dumps({"fail_next": 1}).encode()
    for headers in ({"origin": "https://evil.example"}, {"host": f"evil.example:{port}"}):
        assert ask(port, "/faults", headers, content)[0] == 403
        assert ask(port, "/", headers, method="GET")[0] == 403
    assert json.loads(ask(port, "/faults", {})[1])["fail_next"] == 0
    assert ask(port, "/", {}, method="GET")[0] == 200
    own = {"origin": f"http://127.0.0.1:{port}"}
    assert ask(port, "/faults", own, content)[0] == 200
    assert ask(port, path, signed(path, b"{}"))[0] == 503


def test_a_switch_that_cannot_be_set_sets_no_other(twin):
    port, _path = twin
    content = json.dumps({"fail_next": 3, "latency_ms": -1}).encode()
    assert ask(port, "/faults", {}, content)[0] == 422
    assert json.loads(ask(port, "/faults", {})[1])["fail_next"] == 0
