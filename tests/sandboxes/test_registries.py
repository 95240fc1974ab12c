"""The nine sources' twin: signed both ways, one inquiry a reference, nobody in clear."""

import hashlib
import hmac
import http.client
import json
import re
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rongqiao.policies.credit.sources import BY_CODE, SOURCES
from rongqiao.risk.gateways.registries import Unanswered
from tests.parties.people import card, credit_code, resident
from tests.sandboxes.registries import RegistriesProcess

ON = date(2026, 1, 5)
NONCE = "0123456789abcdef"


def elements(source, number=1):
    firm = source.about == {"organization"}
    known = {
        "name": "融桥示范有限公司" if firm else "王小明",
        "number": credit_code(number) if firm else resident(number),
        "phone": "13800138000",
        "card": card(number),
        "representative": "王小明",
        "recording": "recorded:live:0.97",
    }
    return {name: known[name] for name in source.elements}


def ask(process, code="identity", reference="R1", gateway=None, **more):
    source = BY_CODE[code]
    asked = elements(source) | more
    return (gateway or process.gateway()).ask(source, reference, asked, ON)


def raw(process, secret=None, at=None, nonce=NONCE, method="POST", path="/v1/identity", body=b"{}"):
    timestamp = str(int(at if at is not None else time.time()))
    head = f"{timestamp}\n{nonce}\n{method}\n{path}\n".encode()
    key = (secret or process.secret).encode()
    headers = {
        "x-timestamp": timestamp,
        "x-nonce": nonce,
        "x-signature": hmac.new(key, head + body, hashlib.sha256).hexdigest(),
    }
    return headers, body


@pytest.mark.parametrize("source", SOURCES, ids=lambda one: one.code)
def test_every_source_answers_in_its_own_form(registries, source):
    answer = ask(registries, source.code)
    if answer.ticket:
        answer = registries.gateway().fetch(source, "R1", answer.ticket, ON)
    needed = {fact.name for fact in source.facts if not fact.is_optional}
    assert needed <= set(answer.facts)


def test_the_same_person_is_the_same_after_a_restart(tmp_path):
    first = RegistriesProcess(tmp_path / "town").start()
    codes = ("bureau", "judicial", "score", "identity")
    said = [ask(first, code, code).facts for code in codes]
    secret = first.secret
    first.stop()
    again = RegistriesProcess(tmp_path / "town", secret=secret).start()
    assert [ask(again, code, code).facts for code in codes] == said
    assert ask(again, "identity", "R9", name="王小民").facts == {"verdict": "differs"}
    again.stop()


def test_people_differ(registries):
    source = BY_CODE["bureau"]
    found = {
        json.dumps(registries.gateway().ask(source, f"R{n}", elements(source, n), ON).facts)
        for n in range(1, 30)
    }
    assert len(found) > 20


@pytest.mark.parametrize(
    "changed",
    [
        {"secret": "another"},
        {"at": 1},
        {"at": 4_000_000_000},
        {"path": "/v1/phone"},
        {"method": "GET"},
        {"nonce": "short"},
    ],
    ids=["secret", "old", "ahead", "path", "method", "nonce"],
)
def test_a_question_that_is_not_signed_for_this_is_refused(registries, changed):
    headers, body = raw(registries, **changed)
    answer = registries.client.post(registries.url + "/v1/identity", content=body, headers=headers)
    assert answer.status_code == 401
    assert registries.counted() == {}


def test_a_question_is_heard_once(registries):
    wanted = {"reference": "R1", "elements": elements(BY_CODE["identity"])}
    body = json.dumps(wanted, ensure_ascii=False).encode()
    headers, body = raw(registries, body=body)
    at = registries.url + "/v1/identity"
    assert registries.client.post(at, content=body, headers=headers).status_code == 200
    assert registries.client.post(at, content=body, headers=headers).status_code == 401
    changed = body.replace("王小明".encode(), "王小民".encode())
    fresh, _body = raw(registries, body=body, nonce=NONCE + "2")
    assert registries.client.post(at, content=changed, headers=fresh).status_code == 401


def test_an_answer_is_for_the_question_that_was_asked(registries, monkeypatch):
    """An answer recorded on the way and played again to another question is none."""
    gateway = registries.gateway()
    from rongqiao.risk.gateways import registries as module  # noqa: PLC0415

    client = module._client()
    recorded = []
    through = client.request

    def record(*args, **options):
        answer = through(*args, **options)
        recorded.append(answer)
        return recorded[0]

    monkeypatch.setattr(client, "request", record)
    assert ask(registries, gateway=gateway).facts == {"verdict": "same"}
    with pytest.raises(Unanswered) as caught:
        ask(registries, gateway=gateway)
    assert caught.value.fault == "signature"


def test_one_reference_is_one_inquiry(registries):
    for _ in range(3):
        ask(registries)
    ask(registries, reference="R2")
    assert registries.counted() == {"identity": 2}


def test_what_is_needed_is_asked_for(registries):
    with pytest.raises(Unanswered) as caught:
        ask(registries, "phone", phone="")
    assert caught.value.fault == "422"
    with pytest.raises(Unanswered):
        ask(registries, "face", recording="a picture")


def test_unknown_numbers_have_no_record(registries):
    assert ask(registries, number=resident(995)).facts is None
    assert ask(registries, "registry", "R2", number=credit_code(99_000_001)).facts is None


def test_the_town_keeps_nobody_in_clear(registries, tmp_path):
    for source in SOURCES:
        ask(registries, source.code, source.code)
    registries.hold(card(5), "张伟", resident(5))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "registries").iterdir())
    assert len(kept) > 10_000
    for text in ("王小明", "张伟", resident(1), resident(5), card(1), card(5), "13800138000"):
        assert text.encode() not in kept
    page = registries.client.get(registries.url + "/").text
    assert "王** 1101**********" in page
    assert resident(1) not in page


def test_the_page_takes_forms_of_its_own_only(registries):
    form = {"kind": "name", "about": resident(3), "bound": "<b>赵六</b>"}
    own = registries.client.post(registries.url + "/sandbox/plant", data=form)
    assert own.status_code == 303
    foreign = registries.client.post(
        registries.url + "/sandbox/plant", data=form, headers={"origin": "http://evil.example"}
    )
    assert foreign.status_code == 403
    named = registries.client.get(registries.url + "/", headers={"host": "evil.example"})
    assert named.status_code == 403
    assert ask(registries, number=resident(3)).facts == {"verdict": "differs"}
    assert registries.client.post(registries.url + "/faults", json={"fail": "x"}).status_code == 422
    shown = registries.client.get(registries.url + "/").text
    assert "<b>赵六" not in shown
    assert not re.search(r"<script", shown)


def test_a_ready_ticket_is_told_signed_until_somebody_takes_it(tmp_path):
    told = []

    class Listening(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            told.append((self.path, self.headers, body))
            self.send_response(500 if len(told) == 1 else 200)
            self.end_headers()

        def log_message(self, *_said):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Listening) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{server.server_port}/hooks/registries"
        process = RegistriesProcess(tmp_path / "town").start(callback=at)
        ticket = ask(process, "tax").ticket
        for _ in range(600):
            if len(told) == 2:
                break
            time.sleep(0.1)
        process.stop()
        server.shutdown()
    assert len(told) == 2
    path, headers, body = told[1]
    assert json.loads(body) == {"ticket": ticket, "reference": "R1", "state": "ready"}
    message = f"{headers['x-timestamp']}\n{path}\n".encode() + body
    expected = hmac.new(process.callback_secret.encode(), message, hashlib.sha256).hexdigest()
    assert headers["x-signature"] == expected


@pytest.mark.parametrize("length", ["-1", "x", "9" * 9, "0" * 9 + "9" * 9, "9" * 5_000])
def test_a_body_of_no_such_length_is_not_read(registries, length):
    line = http.client.HTTPConnection(registries.url.removeprefix("http://"), timeout=10)
    line.putrequest("POST", "/v1/identity", skip_accept_encoding=True)
    line.putheader("content-length", length)
    line.endheaders(b"{}")
    assert line.getresponse().status == 413
    line.close()
