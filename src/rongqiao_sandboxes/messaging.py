"""What the twins of the message gateways share: signatures, switches, answers, looks."""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import threading
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

M = TypeVar("M")
Serve = Callable[[int, Path, str, str], ThreadingHTTPServer]
CLOCK_SKEW_SECONDS = 300
SHOWN = 50
# A page of another site may name this port under a name of its own; none of ours is such a name.
OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
STYLE = """
:root { color-scheme: light dark; --ink: #14201b; --paper: #f6f8f7; --card: #fff; --quiet: #4b5a53;
 --line: #d5ddd9; --go: #0b6b4f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8efec; --paper: #101613; --card: #18211d;
 --quiet: #a9b8b1; --line: #2c3833; --go: #6fd3ae; } }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.6;
 font-family: system-ui, "PingFang SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1rem; }
h1 { font-size: 1.35rem; } p.quiet, time { color: var(--quiet); font-size: .9rem; }
form { display: flex; gap: .5rem; flex-wrap: wrap; align-items: end; margin: 1rem 0; }
label { display: block; font-size: .9rem; } input { font: inherit; padding: .5rem .75rem;
 border: 1px solid var(--quiet); border-radius: .5rem; background: var(--card); color: inherit; }
button { font: inherit; padding: .5rem 1.25rem; border: 1px solid var(--go); border-radius: .5rem;
 background: var(--card); color: var(--go); min-height: 2.75rem; }
a { color: var(--go); } summary { cursor: pointer; min-height: 1.5rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; margin: .5rem 0; }
ol { list-style: none; padding: 0; } li { background: var(--card); border: 1px solid var(--line);
 border-radius: .75rem; padding: .75rem 1rem; margin: .75rem 0; } li h2 { font-size: 1rem;
 margin: 0; font-variant-numeric: tabular-nums; } li p { margin: .25rem 0 0; }
"""


@dataclass(frozen=True)
class Signer:
    """Signs and checks with the secret both sides share."""

    secret: str

    def is_signed(self, path: str, timestamp: str, signature: str, content: bytes) -> bool:
        """Tell whether the request is fresh and was signed with the shared secret."""
        # The length bounds the number before it is made one.
        is_number = timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12
        if not is_number or abs(time.time() - int(timestamp)) > CLOCK_SKEW_SECONDS:
            return False
        expected = self.sign(path, timestamp, content)
        return hmac.compare_digest(expected.encode(), signature.encode())

    def sign(self, path: str, timestamp: str, content: bytes) -> str:
        """Return the hex HMAC-SHA256 over timestamp, path and body."""
        message = f"{timestamp}\n{path}\n".encode() + content
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()

    def tell(self, callback: str, told: dict[str, str]) -> bool:
        """Post what happened to the callback's address, signed; False if nobody took it."""
        content = json.dumps(told).encode()
        timestamp = str(int(time.time()))
        request = urllib.request.Request(  # noqa: S310 - the operator's own address
            callback,
            content,
            {
                "content-type": "application/json",
                "x-timestamp": timestamp,
                "x-signature": self.sign(urlsplit(callback).path, timestamp, content),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=5):  # noqa: S310
                return True
        except OSError:
            return False


@dataclass
class Switches:
    """What goes wrong on purpose: whole numbers, each by its name."""

    fail_next: int = 0
    lose_next: int = 0
    latency_ms: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def named(self) -> dict[str, int]:
        """Return every switch as it stands."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "lock"}

    def take(self, name: str) -> bool:
        """Use up one fault of a kind; tell whether there was one."""
        with self.lock:
            left: int = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0

    def turn(self, wanted: dict[str, Any]) -> str:
        """Set those named, or none; return the name of one that has no such value, or nothing."""
        values = {name: wanted.get(name, stands) for name, stands in self.named().items()}
        for name, value in values.items():
            if not isinstance(value, int) or not 0 <= value <= 60_000:
                return name
        for name, value in values.items():
            setattr(self, name, value)
        return ""


class Answering(BaseHTTPRequestHandler, ABC):
    """One request to a twin: its inbox is read at `/`, messages come to `messages`."""

    protocol_version = "HTTP/1.1"
    largest_body = 16_384
    messages: str
    # The name by which the inbox is narrowed to one addressee.
    addressee: str
    signer: Signer
    faults: Switches

    @abstractmethod
    def page(self, addressee: str) -> str:
        """Return the inbox of one addressee, or of all, as HTML."""

    @abstractmethod
    def taken(self, content: bytes) -> str | None:
        """Take the message in a body; return its number, None where the body holds no message."""

    def told(self, message_id: str) -> None:  # noqa: ARG002 - for twins that keep it
        """Answer what became of a message; a twin that keeps nothing of it knows none."""
        self.json(HTTPStatus.NOT_FOUND, {"error": "not-found"})

    def do_GET(self) -> None:
        """Show the inbox, say what became of a message, or that all is well."""
        parts = urlsplit(self.path)
        if parts.path == "/healthz":
            self.json(HTTPStatus.OK, {"ok": True})
        elif parts.path == "/" and self.is_from_here():
            addressee = parse_qs(parts.query).get(self.addressee, [""])[0].strip()
            self.answer(HTTPStatus.OK, "text/html; charset=utf-8", self.page(addressee).encode())
        elif parts.path.startswith(f"{self.messages}/"):
            self.told(parts.path.removeprefix(f"{self.messages}/"))
        elif parts.path != "/":
            self.json(HTTPStatus.NOT_FOUND, {"error": "not-found"})

    def do_POST(self) -> None:
        """Take a message, or set faults."""
        content = self.content()
        path = urlsplit(self.path).path
        if content is None:
            return
        if path == self.messages:
            self._take(content)
        elif path == "/faults" and self.is_from_here():
            self.turn(self.faults, content)
        elif path != "/faults":
            self.json(HTTPStatus.NOT_FOUND, {"error": "not-found"})

    def _take(self, content: bytes) -> None:
        time.sleep(self.faults.latency_ms / 1000)
        if not self.is_signed(self.signer, content):
            return
        if self.faults.take("fail_next"):
            self.json(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "busy"})
            return
        number = self.taken(content)
        if number is None:
            self.json(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "message"})
        elif self.faults.take("lose_next"):
            self.close_connection = True  # The message is taken, the answer is lost.
        else:
            self.json(HTTPStatus.ACCEPTED, {"number": number})

    def content(self) -> bytes | None:
        """Read the body; None, answered, where it is too large."""
        length = self.headers.get("content-length") or "0"
        if not length.isdecimal() or len(length) > 9 or int(length) > self.largest_body:
            self.close_connection = True
            self.json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "too-large"})
            return None
        return self.rfile.read(int(length))

    def is_from_here(self) -> bool:
        """Tell whether a person here asks, by this machine's name; answer 403 to other pages."""
        host = self.headers.get("host", "")
        is_own = host.rpartition(":")[0] in OWN_NAMES or host in OWN_NAMES
        if is_own and self.headers.get("origin") in (None, f"http://{host}"):
            return True
        self.json(HTTPStatus.FORBIDDEN, {"error": "origin"})
        return False

    def is_signed(self, signer: Signer, content: bytes) -> bool:
        """Tell whether this request carries the signature; answer 401 where it does not."""
        timestamp = self.headers.get("x-timestamp", "")
        signature = self.headers.get("x-signature", "")
        if signer.is_signed(self.path, timestamp, signature, content):
            return True
        self.json(HTTPStatus.UNAUTHORIZED, {"error": "signature"})
        return False

    def turn(self, switches: Switches, content: bytes) -> None:
        """Set faults and answer how all of them stand."""
        wrong = switches.turn(object_of(content))
        if wrong:
            self.json(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": wrong})
        else:
            self.json(HTTPStatus.OK, switches.named())

    def json(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        """Answer with a JSON document."""
        self.answer(status, "application/json", json.dumps(content).encode())

    def answer(self, status: HTTPStatus, media_type: str, content: bytes) -> None:
        """Answer; nothing of it is kept, framed or run."""
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(content)))
        self.send_header("cache-control", "no-store")
        self.send_header("x-content-type-options", "nosniff")
        self.send_header(
            "content-security-policy",
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; img-src data:",
        )
        self.end_headers()
        self.wfile.write(content)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet: paths carry phone numbers and addresses."""


def object_of(content: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; empty for anything else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def document(title: str, main: str) -> str:
    """Return an HTML page around `main`, which has everything from outside escaped."""
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{title}</h1>{main}</main></body></html>"
    )


def bound(port: int, handler: type[Answering], **shared: Any) -> ThreadingHTTPServer:
    """Return a server bound to the port of this machine (0: any free one), not yet serving.

    `shared` is what all requests share, by the handler's names for it.
    """
    server = ThreadingHTTPServer(("127.0.0.1", port), type("BoundHandler", (handler,), shared))
    server.daemon_threads = True
    return server


def run(name: str, title: str, about: str | None, serve: Serve) -> None:
    """Serve until stopped, as the command line and NAME_SECRET say."""
    variable = f"{name.upper()}_SECRET"
    parser = argparse.ArgumentParser(prog=f"rongqiao_sandboxes.{name}", description=about)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--secret", default=os.environ.get(variable, ""))
    parser.add_argument("--callback", default="", help="address told what became of each message")
    options = parser.parse_args()
    if not options.secret:
        parser.error(f"--secret (or {variable}) is needed")
    server = serve(options.port, options.state, options.secret, options.callback)
    print(f"{title}: http://127.0.0.1:{server.server_port}/", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
