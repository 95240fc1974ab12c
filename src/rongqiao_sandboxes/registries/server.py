"""The sources over HTTP: signed questions under /v1, unsigned switches for this machine alone.

POST /v1/{source} with `reference` and `elements` answers 200 with `outcome` (answered, no-record)
and `facts`; the tax source answers 202 with a `ticket`, which GET /v1/tickets/{ticket} answers with
202 until it is ready, and of which a callback tells. The same reference is one inquiry however
often it is asked.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from typing_extensions import override

from rongqiao_sandboxes.registries.answering import SOURCES, Misasked, answer_of
from rongqiao_sandboxes.registries.page import page
from rongqiao_sandboxes.registries.signing import NONCE, is_fresh, is_new, signed, tell
from rongqiao_sandboxes.registries.switches import Faults
from rongqiao_sandboxes.registries.town import Town, masked

LARGEST_BODY = 64 * 1024
FORM = "application/x-www-form-urlencoded"
OWN_NAMES = frozenset({"127.0.0.1", "localhost"})
BY_TICKET = frozenset({"tax"})
SILENT_SECONDS = 30
CALLBACK_PAUSES = (0.0, 0.5, 2.0, 10.0)
REFERENCE = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; img-src data:"


class Refused(Exception):
    """The request is not answered; `code` says why."""

    def __init__(self, code: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Struck(Exception):
    """A fault was wanted: nothing of an answer leaves."""


@dataclass
class Registries:
    """What the requests share."""

    town: Town
    secret: str
    callback: str = ""
    callback_secret: str = ""
    faults: Faults = field(default_factory=Faults)

    def ask(self, source: str, content: bytes) -> tuple[HTTPStatus, dict[str, Any]]:
        """Answer one question, or hand out a ticket for it."""
        found = _object(content)
        reference, elements = found.get("reference"), found.get("elements")
        is_shaped = isinstance(reference, str) and isinstance(elements, dict)
        if not is_shaped or not REFERENCE.fullmatch(str(reference)):
            raise Refused("reference")
        assert isinstance(elements, dict)
        asked = {str(name): str(value) for name, value in elements.items()}
        try:
            facts = answer_of(self.town, source, asked)
        except Misasked as error:
            raise Refused(f"elements: {error}") from None
        outcome = "no-record" if facts is None else "answered"
        answer = {"reference": reference, "outcome": outcome, "facts": facts or {}}
        shown = masked(asked["name"], asked["number"])
        self.town.log(str(reference), source, shown, outcome, "")
        if source not in BY_TICKET:
            return HTTPStatus.OK, answer
        ticket = self._ticket(str(reference), answer)
        return HTTPStatus.ACCEPTED, {"reference": reference, "ticket": ticket}

    def _ticket(self, reference: str, answer: dict[str, Any]) -> str:
        due_at = time.time() + self.faults.ticket_ms / 1000
        with self.town.transaction() as db:
            db.execute(
                "INSERT INTO ticket (ticket, reference, answer, due_at) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [f"T{secrets.token_hex(12)}", reference, json.dumps(answer), due_at],
            )
            row = db.execute("SELECT * FROM ticket WHERE reference = ?", [reference]).fetchone()
        ticket: str = row["ticket"]
        if self.callback and not row["is_told"] and not self.faults.strike("lose_callback", "tax"):
            given = (ticket, reference, due_at)
            threading.Thread(target=self._call_back, args=given, daemon=True).start()
        return ticket

    def _call_back(self, ticket: str, reference: str, due_at: float) -> None:
        time.sleep(max(0.0, due_at - time.time()))
        told = {"ticket": ticket, "reference": reference, "state": "ready"}
        for pause in CALLBACK_PAUSES:
            time.sleep(pause)
            if tell(self.callback, self.callback_secret, told):
                with self.town.transaction() as db:
                    db.execute("UPDATE ticket SET is_told = 1 WHERE ticket = ?", [ticket])
                return

    def fetch(self, ticket: str) -> tuple[HTTPStatus, dict[str, Any]]:
        """Return the answer to a ticket, 202 until it is ready."""
        with self.town.transaction() as db:
            row = db.execute("SELECT * FROM ticket WHERE ticket = ?", [ticket]).fetchone()
        if row is None:
            raise Refused("unknown-ticket", HTTPStatus.NOT_FOUND)
        if time.time() < row["due_at"]:
            return HTTPStatus.ACCEPTED, {"reference": row["reference"], "ticket": ticket}
        return HTTPStatus.OK, json.loads(row["answer"])

    def plant(self, found: dict[str, Any]) -> None:
        """Plant what a number is bound to (`kind`: name, phone, card …) or what a source says."""
        kind, about = str(found.get("kind", "")), str(found.get("about", ""))
        if kind in ("name", "phone", "card", "card-phone", "representative") and about:
            self.town.plant_binding(kind, about, str(found.get("bound", "")))
            return
        facts = found.get("facts")
        facts = _object(facts.encode()) if isinstance(facts, str) else facts
        if kind not in SOURCES or not about or not isinstance(facts, dict):
            raise Refused("kind")
        self.town.plant_facts(kind, about, facts)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    registries: Registries
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer a question."""
        self._serve("GET", b"")

    def do_POST(self) -> None:
        """Take a question or a switch."""
        length = self.headers.get("content-length") or "0"
        if not length.isdecimal() or len(length) > 9 or int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"{}")
            return
        self._serve("POST", self.rfile.read(int(length)))

    def _serve(self, method: str, content: bytes) -> None:
        path = urlsplit(self.path).path
        try:
            if path.startswith("/v1/"):
                self._answer_signed(method, path, content)
            else:
                self._check_origin()
                self._switch(method, path, content)
        except Refused as refused:
            self._send(refused.status, json.dumps({"code": refused.code}).encode())
        except Struck:
            self.close_connection = True

    def _answer_signed(self, method: str, path: str, content: bytes) -> None:
        nonce = self._checked_nonce(method, content)
        source = path.removeprefix("/v1/")
        name = "tax" if source.startswith("tickets/") else source
        self._break(name)
        try:
            status, answer = self._looked_up(method, source, content)
        except Refused as refused:
            status, answer = refused.status, {"code": refused.code}
        body = json.dumps(answer, ensure_ascii=False).encode()
        if self.registries.faults.strike("malformed", name):
            body = body[: len(body) // 2]
        secret = self.registries.secret
        if self.registries.faults.strike("wrong_signature", name):
            secret = "somebody else's"  # noqa: S105 - what a forger would sign with
        timestamp = str(int(time.time()))
        signature = signed(secret, f"{timestamp}\n{nonce}\n{int(status)}\n", body)
        self._send(status, body, {"x-timestamp": timestamp, "x-signature": signature})

    def _looked_up(
        self, method: str, source: str, content: bytes
    ) -> tuple[HTTPStatus, dict[str, Any]]:
        if method == "GET" and source.startswith("tickets/"):
            return self.registries.fetch(source.removeprefix("tickets/"))
        if method == "POST" and source in SOURCES:
            return self.registries.ask(source, content)
        raise Refused("not-found", HTTPStatus.NOT_FOUND)

    def _break(self, source: str) -> None:
        faults = self.registries.faults
        time.sleep(faults.latency_ms / 1000)
        if faults.strike("silent", source):
            time.sleep(SILENT_SECONDS)
            raise Struck
        if faults.strike("fail", source):
            raise Refused("busy", HTTPStatus.SERVICE_UNAVAILABLE)

    def _checked_nonce(self, method: str, content: bytes) -> str:
        """Let a fresh, signed request that was never seen pass; return its nonce."""
        timestamp = self.headers.get("x-timestamp", "")
        nonce = self.headers.get("x-nonce", "")
        expected = signed(
            self.registries.secret, f"{timestamp}\n{nonce}\n{method}\n{self.path}\n", content
        )
        given = self.headers.get("x-signature", "")
        is_signed = secrets.compare_digest(expected.encode(), given.encode())
        now = time.time()
        if not is_fresh(timestamp, now) or not NONCE.fullmatch(nonce) or not is_signed:
            raise Refused("signature", HTTPStatus.UNAUTHORIZED)
        with self.registries.town.transaction() as db:
            if not is_new(db, nonce, now):
                raise Refused("replayed", HTTPStatus.UNAUTHORIZED)
        return nonce

    def _switch(self, method: str, path: str, content: bytes) -> None:
        registries, is_form = self.registries, self.headers.get("content-type", "") == FORM
        found = _form(content) if is_form else _object(content)
        if (method, path) == ("GET", "/"):
            town = registries.town
            shown = page(town.newest(), town.counted(), registries.faults.named(), tuple(SOURCES))
            self._send(HTTPStatus.OK, shown.encode(), {"content-type": "text/html; charset=utf-8"})
            return
        if (method, path) == ("GET", "/healthz"):
            self._send(HTTPStatus.OK, b'{"ok": true}')
            return
        if (method, path) == ("GET", "/sandbox/overview"):
            self._send(HTTPStatus.OK, json.dumps(registries.town.counted()).encode())
            return
        if (method, path) == ("POST", "/faults"):
            wrong = registries.faults.turn(found)
            if wrong:
                raise Refused(wrong)
        elif (method, path) == ("POST", "/sandbox/plant"):
            registries.plant(found)
        else:
            raise Refused("not-found", HTTPStatus.NOT_FOUND)
        if is_form:
            self._send(HTTPStatus.SEE_OTHER, b"", {"location": "/"})
        else:
            self._send(HTTPStatus.OK, json.dumps(registries.faults.named()).encode())

    def _check_origin(self) -> None:
        """Let pass what names this machine and comes from no page of another origin."""
        host = self.headers.get("host", "")
        is_own = host.rpartition(":")[0] in OWN_NAMES or host in OWN_NAMES
        if not is_own or self.headers.get("origin") not in (None, f"http://{host}"):
            raise Refused("origin", HTTPStatus.FORBIDDEN)

    def _send(
        self, status: HTTPStatus, content: bytes, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        fixed = {
            "content-type": "application/json",
            "content-length": str(len(content)),
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
            "content-security-policy": CONTENT_POLICY,
        }
        for name, value in (fixed | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: nothing of the traffic belongs in a log."""


def serve(port: int, registries: Registries) -> ThreadingHTTPServer:
    """Return a server bound to the port of this machine (0: any free one), not yet serving."""
    handler = type("BoundHandler", (Handler,), {"registries": registries})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content) if content else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _form(content: bytes) -> dict[str, Any]:
    """Return a form's fields; figures of switches as numbers, what is planted as text."""
    given = dict(parse_qsl(content.decode("utf-8", "replace"), keep_blank_values=True))
    if "kind" in given:
        return dict(given)
    return {
        name: int(value) if re.fullmatch(r"-?\d{1,6}", value, re.ASCII) else value
        for name, value in given.items()
    }
