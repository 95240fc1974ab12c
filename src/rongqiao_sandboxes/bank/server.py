"""The bank over HTTP: signed requests under /v1, unsigned switches for this machine alone.

`/v1/*` is what a platform sees. `/`, `/faults` and `/sandbox/*` carry no signature: the server
binds 127.0.0.1 only, and answers no other name and no page of another origin.
"""

from __future__ import annotations

import json
import math
import re
import threading
import time
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from typing_extensions import override

from rongqiao_sandboxes.bank import accounts, orders, statements, switches
from rongqiao_sandboxes.bank.callbacks import Teller, hand_out, push_callbacks
from rongqiao_sandboxes.bank.faults import faults_of, set_faults
from rongqiao_sandboxes.bank.page import Shown, page
from rongqiao_sandboxes.bank.reading import (
    CLOCK_SKEW_SECONDS,
    CURRENCY,
    LARGEST_BODY,
    Refused,
    Signed,
    amount_text,
    check_signature,
    read_object,
    read_order,
)
from rongqiao_sandboxes.bank.settling import settle_always
from rongqiao_sandboxes.bank.state import State, instant_text, machine_ms, pool_balance

OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
IDLE_SECONDS = 60
FORM = "application/x-www-form-urlencoded"
CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; img-src data:"


@dataclass(frozen=True)
class Answer:
    """What goes back; `is_lost`: nothing does, and the connection closes."""

    content: bytes
    status: HTTPStatus = HTTPStatus.OK
    media_type: str = "application/json"
    location: str = ""
    is_lost: bool = False


@dataclass
class Bank:
    """What the requests share."""

    state: State
    secret: str
    teller: Teller
    # However long a request was under way, it comes in time.
    is_patient: bool = False
    stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start settling and telling in the background, except in manual mode."""
        if self.state.is_manual:
            return
        work = [(settle_always, (self.state, self.stop))]
        threads = [threading.Thread(target=one, args=given, daemon=True) for one, given in work]
        if self.teller.address:
            given = (self.state, self.teller, self.stop)
            threads.append(threading.Thread(target=push_callbacks, args=given, daemon=True))
        for thread in threads:
            thread.start()

    def desk(self, db: Any) -> orders.Desk:
        """Return the desk at which this transaction takes orders."""
        return orders.Desk(db, self.state.now(), faults_of(self.state))


@dataclass(frozen=True)
class Asked:
    """A request: its path's variable part, its query and its body."""

    bank: Bank
    part: str
    query: dict[str, str]
    content: bytes
    is_form: bool

    def found(self) -> dict[str, Any]:
        """Return the body's fields: of JSON, or of a form (all text)."""
        if self.is_form:
            return dict(parse_qsl(self.content.decode("utf-8", "replace")))
        return read_object(self.content)


def open_account(asked: Asked) -> Answer:
    """Answer POST /v1/accounts."""
    with asked.bank.state.transaction() as db:
        return _json(accounts.open_account(db, asked.found()), HTTPStatus.CREATED)


def bind_card(asked: Asked) -> Answer:
    """Answer POST /v1/accounts/{no}/cards."""
    with asked.bank.state.transaction() as db:
        bound = accounts.bind_card(db, asked.part, asked.found(), asked.bank.secret)
    return _json(bound, HTTPStatus.CREATED)


def take_order(asked: Asked) -> Answer:
    """Answer POST /v1/orders; the first answer may be lost on purpose."""
    wanted = read_order(asked.found())
    with asked.bank.state.transaction() as db:
        desk = asked.bank.desk(db)
        taken = orders.take_order(desk, wanted)
    asked.bank.state.wake()
    is_lost = taken.is_new and desk.faults.strike("lose_answer_rate", wanted.order_no)
    return _json(taken.answer(), HTTPStatus.ACCEPTED, is_lost=is_lost)


def take_batch(asked: Asked) -> Answer:
    """Answer POST /v1/batches; the first answer may be lost on purpose."""
    found = asked.found()
    with asked.bank.state.transaction() as db:
        desk = asked.bank.desk(db)
        answer, is_new = orders.take_batch(desk, found)
    asked.bank.state.wake()
    is_lost = is_new and desk.faults.strike("lose_answer_rate", answer["batch_no"])
    return _json(answer, HTTPStatus.ACCEPTED, is_lost=is_lost)


def find_order(asked: Asked) -> Answer:
    """Answer GET /v1/orders/{order_no}."""
    with asked.bank.state.transaction() as db:
        row = orders.find_row(db, asked.part)
        if row is None:
            raise Refused("unknown-order", "no such order", HTTPStatus.NOT_FOUND)
        return _json(orders.order_answer(row))


def close_order(asked: Asked) -> Answer:
    """Answer POST /v1/orders/{order_no}/close."""
    with asked.bank.state.transaction() as db:
        return _json(orders.close_order(asked.bank.desk(db), asked.part))


def fetch_statement(asked: Asked) -> Answer:
    """Answer GET /v1/statements/{date}[?preview=1]."""
    day, state = statements.read_day(asked.part), asked.bank.state
    is_preview = asked.query.get("preview") == "1"
    with state.transaction() as db:
        content = statements.statement(db, day, state.now(), is_preview=is_preview)
    return Answer(content, media_type="text/csv; charset=utf-8")


def balance(asked: Asked) -> Answer:
    """Answer GET /v1/balance."""
    now = instant_text(asked.bank.state.now())
    with asked.bank.state.transaction() as db:
        minor = pool_balance(db)
    return _json({"balance": amount_text(minor), "currency": CURRENCY, "at": now})


def show_page(asked: Asked) -> Answer:
    """Answer GET /."""
    shown = Shown.of(asked.bank.state, asked.query.get("said", ""))
    return Answer(page(shown).encode(), media_type="text/html; charset=utf-8")


def show_health(_asked: Asked) -> Answer:
    """Answer GET /healthz."""
    return _json({"ok": True})


def show_faults(asked: Asked) -> Answer:
    """Answer GET /faults."""
    return _json(asdict(faults_of(asked.bank.state)))


def change_faults(asked: Asked) -> Answer:
    """Answer POST /faults."""
    found = asked.found()
    if asked.is_form:
        found = {name: _figure(value) for name, value in found.items()}
    return _json(asdict(set_faults(asked.bank.state, found)))


def show_overview(asked: Asked) -> Answer:
    """Answer GET /sandbox/overview."""
    return _json(switches.overview(asked.bank.state))


def put_clock(asked: Asked) -> Answer:
    """Answer POST /sandbox/clock."""
    answer = switches.put_clock(asked.bank.state, asked.found())
    asked.bank.state.wake()
    return _json(answer)


def register_card(asked: Asked) -> Answer:
    """Answer POST /sandbox/cards."""
    found = asked.found()
    if asked.is_form:
        found["is_closed"] = found.get("is_closed") == "1"
    with asked.bank.state.transaction() as db:
        return _json(accounts.register_card(db, found))


def credit(asked: Asked) -> Answer:
    """Answer POST /sandbox/credits."""
    return _json(switches.credit(asked.bank.state, asked.found()), HTTPStatus.CREATED)


def plant_fault(asked: Asked) -> Answer:
    """Answer POST /sandbox/statement-faults."""
    found, now = asked.found(), asked.bank.state.now()
    with asked.bank.state.transaction() as db:
        return _json(statements.plant_fault(db, found, now))


def settle(asked: Asked) -> Answer:
    """Answer POST /sandbox/settle."""
    return _json(switches.settle(asked.bank.state))


def show_callbacks(asked: Asked) -> Answer:
    """Answer GET /sandbox/callbacks[?take=1]."""
    told = hand_out(asked.bank.state, asked.bank.teller, is_taken=asked.query.get("take") == "1")
    return _json({"callbacks": told})


_NUMBER = r"([A-Za-z0-9_-]{1,64})"
ROUTES = [
    (method, re.compile(path), answer)
    for method, path, answer in (
        ("POST", "/v1/accounts", open_account),
        ("POST", f"/v1/accounts/{_NUMBER}/cards", bind_card),
        ("POST", "/v1/orders", take_order),
        ("POST", "/v1/batches", take_batch),
        ("GET", f"/v1/orders/{_NUMBER}", find_order),
        ("POST", f"/v1/orders/{_NUMBER}/close", close_order),
        ("GET", r"/v1/statements/([0-9-]{10})", fetch_statement),
        ("GET", "/v1/balance", balance),
        ("GET", "/", show_page),
        ("GET", "/healthz", show_health),
        ("GET", "/faults", show_faults),
        ("POST", "/faults", change_faults),
        ("GET", "/sandbox/overview", show_overview),
        ("POST", "/sandbox/clock", put_clock),
        ("POST", "/sandbox/cards", register_card),
        ("POST", "/sandbox/credits", credit),
        ("POST", "/sandbox/statement-faults", plant_fault),
        ("POST", "/sandbox/settle", settle),
        ("GET", "/sandbox/callbacks", show_callbacks),
    )
]


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    bank: Bank
    protocol_version = "HTTP/1.1"
    # Head and body leave together: apart, each answer would wait for the other side's delayed ACK.
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer a question."""
        self._serve("GET", b"")

    def do_POST(self) -> None:
        """Answer an order to do something."""
        length = self.headers.get("content-length") or "0"
        if not length.isdecimal() or len(length) > 9 or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(_refusal(Refused("size", "too large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)))
            return
        self._serve("POST", self.rfile.read(int(length)))

    def _serve(self, method: str, content: bytes) -> None:
        is_form = self.headers.get("content-type", "").split(";")[0] == FORM
        try:
            answer = self._answer(method, content, is_form=is_form)
        except Refused as refused:
            answer = _refusal(refused)
            if is_form:
                answer = _to_page(refused.code)
        else:
            if is_form and not answer.is_lost:
                answer = _to_page("done")
        self._send(answer)

    def _answer(self, method: str, content: bytes, *, is_form: bool) -> Answer:
        parts = urlsplit(self.path)
        if parts.path.startswith("/v1/"):
            self._check(method, content)
        elif not self._is_from_here():
            raise Refused("origin", "for this machine's own pages", HTTPStatus.FORBIDDEN)
        for known, path, answer in ROUTES:
            match = path.fullmatch(parts.path)
            if match and known == method:
                part = match.group(1) if match.groups() else ""
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                return answer(Asked(self.bank, part, query, content, is_form))
        raise Refused("not-found", "no such address", HTTPStatus.NOT_FOUND)

    def _check(self, method: str, content: bytes) -> None:
        """Wait as long as the switch says, then let only signed requests through."""
        signed = Signed(
            method,
            self.path,
            self.headers.get("x-timestamp", ""),
            self.headers.get("x-nonce", ""),
            self.headers.get("x-signature", ""),
            content,
        )
        time.sleep(faults_of(self.bank.state).latency_ms / 1000)
        with self.bank.state.transaction() as db:
            skew = math.inf if self.bank.is_patient else CLOCK_SKEW_SECONDS
            check_signature(db, self.bank.secret, signed, machine_ms() / 1000, skew)

    def _is_from_here(self) -> bool:
        """Tell whether the request names this machine and comes from no page of another origin."""
        host = self.headers.get("host", "")
        origin = self.headers.get("origin")
        is_own = host.rpartition(":")[0] in OWN_NAMES or host in OWN_NAMES
        return is_own and origin in (None, f"http://{host}")

    def _send(self, answer: Answer) -> None:
        if answer.is_lost:
            self.close_connection = True
            return
        self.send_response(answer.status)
        if answer.location:
            self.send_header("location", answer.location)
        self.send_header("content-type", answer.media_type)
        self.send_header("content-length", str(len(answer.content)))
        self.send_header("cache-control", "no-store")
        self.send_header("x-content-type-options", "nosniff")
        self.send_header("content-security-policy", CONTENT_POLICY)
        self.end_headers()
        self.wfile.write(answer.content)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: nothing of the traffic belongs in a log."""


def serve(port: int, bank: Bank) -> ThreadingHTTPServer:
    """Return a server bound to the port of this machine (0: any free one), not yet serving."""
    timeout = None if bank.is_patient else IDLE_SECONDS
    handler = type("BoundHandler", (Handler,), {"bank": bank, "timeout": timeout})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


def _json(
    content: dict[str, Any], status: HTTPStatus = HTTPStatus.OK, *, is_lost: bool = False
) -> Answer:
    return Answer(json.dumps(content, ensure_ascii=False).encode(), status, is_lost=is_lost)


def _refusal(refused: Refused) -> Answer:
    return _json({"code": refused.code, "message": refused.message}, refused.status)


def _to_page(said: str) -> Answer:
    """After a form the page is shown anew, and says what became of it."""
    return Answer(b"", HTTPStatus.SEE_OTHER, location=f"/?said={said}")


def _figure(text: str) -> Any:
    try:
        return int(text)
    except ValueError:
        return float(text) if re.fullmatch(r"\d*\.\d+", text, re.ASCII) else text
