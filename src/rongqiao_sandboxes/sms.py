"""The SMS gateway's twin: takes signed messages, shows them in an inbox page, calls back.

`python -m rongqiao_sandboxes.sms --port 8021 --state DIR [--secret S] [--callback URL]`; the secret
may also come in SMS_SECRET. It imports nothing of the platform: the two meet over HTTP alone.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import html
import json
import os
import secrets
import sqlite3
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from typing_extensions import override

CLOCK_SKEW_SECONDS = 300
LARGEST_BODY = 16_384
SHOWN = 50
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
ol { list-style: none; padding: 0; } li { background: var(--card); border: 1px solid var(--line);
 border-radius: .75rem; padding: .75rem 1rem; margin: .75rem 0; } li h2 { font-size: 1rem;
 margin: 0; font-variant-numeric: tabular-nums; } li p { margin: .25rem 0 0; }
"""


@dataclass
class Faults:
    """What goes wrong on purpose."""

    fail_next: int = 0
    lose_next: int = 0
    latency_ms: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, name: str) -> bool:
        """Use up one fault of a kind; tell whether there was one."""
        with self.lock:
            left: int = getattr(self, name)
            if left > 0:
                setattr(self, name, left - 1)
            return left > 0


class Inbox:
    """The messages, in a file of their own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "inbox.sqlite3"
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute(
                "CREATE TABLE IF NOT EXISTS message (id TEXT PRIMARY KEY, number TEXT NOT NULL,"
                " phone TEXT NOT NULL, words TEXT NOT NULL, taken_at REAL NOT NULL)"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10)

    def take(self, message_id: str, phone: str, words: str) -> tuple[str, bool]:
        """Keep a message once; return its number and whether it is new."""
        number = f"S{secrets.token_hex(8)}"
        with self._open() as db:
            added = db.execute(
                "INSERT INTO message VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                [message_id, number, phone, words, time.time()],
            ).rowcount
            row = db.execute("SELECT number FROM message WHERE id = ?", [message_id]).fetchone()
        return str(row[0]), bool(added)

    def list(self, phone: str) -> list[tuple[str, str, float]]:
        """Return phone, words and time of the newest messages, of one phone or of all."""
        where, values = ("WHERE phone = ?", [phone]) if phone else ("", [])
        query = f"SELECT phone, words, taken_at FROM message {where} ORDER BY taken_at DESC LIMIT ?"  # noqa: S608
        with self._open() as db:
            return db.execute(query, [*values, SHOWN]).fetchall()


@dataclass
class Gateway:
    """The state the requests share."""

    inbox: Inbox
    secret: str
    callback: str
    faults: Faults = field(default_factory=Faults)

    def is_signed(self, path: str, timestamp: str, signature: str, content: bytes) -> bool:
        """Tell whether the request is fresh and was signed with the shared secret."""
        if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > CLOCK_SKEW_SECONDS:
            return False
        return hmac.compare_digest(self.sign(path, timestamp, content), signature)

    def sign(self, path: str, timestamp: str, content: bytes) -> str:
        """Return the hex HMAC-SHA256 over timestamp, path and body."""
        message = f"{timestamp}\n{path}\n".encode() + content
        return hmac.new(self.secret.encode(), message, hashlib.sha256).hexdigest()

    def call_back(self, message_id: str, number: str) -> None:
        """Tell the platform, signed, that a message was delivered; three tries."""
        content = json.dumps({"id": message_id, "number": number, "state": "delivered"}).encode()
        for pause in (0.2, 1.0, 5.0):
            time.sleep(pause)
            timestamp = str(int(time.time()))
            request = urllib.request.Request(  # noqa: S310 - the operator's own address
                self.callback,
                content,
                {
                    "content-type": "application/json",
                    "x-timestamp": timestamp,
                    "x-signature": self.sign(urlsplit(self.callback).path, timestamp, content),
                },
            )
            try:
                with urllib.request.urlopen(request, timeout=5):  # noqa: S310
                    return
            except OSError:
                continue


class Handler(BaseHTTPRequestHandler):
    """One request."""

    gateway: Gateway
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Show the inbox, or say that all is well."""
        parts = urlsplit(self.path)
        if parts.path == "/healthz":
            self._json(HTTPStatus.OK, {"ok": True})
        elif parts.path == "/":
            phone = parse_qs(parts.query).get("phone", [""])[0].strip()
            page = inbox_page(phone, self.gateway.inbox.list(phone))
            self._answer(HTTPStatus.OK, "text/html; charset=utf-8", page.encode())
        else:
            self._json(HTTPStatus.NOT_FOUND, {"error": "not-found"})

    def do_POST(self) -> None:
        """Take a message, or set faults."""
        length = int(self.headers.get("content-length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            self._json(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": "too-large"})
            return
        content = self.rfile.read(length)
        routes = {"/v1/messages": self._take, "/faults": self._set_faults}
        route = routes.get(urlsplit(self.path).path)
        if route is None:
            self._json(HTTPStatus.NOT_FOUND, {"error": "not-found"})
        else:
            route(content)

    def _take(self, content: bytes) -> None:
        time.sleep(self.gateway.faults.latency_ms / 1000)
        timestamp = self.headers.get("x-timestamp", "")
        signature = self.headers.get("x-signature", "")
        if not self.gateway.is_signed(self.path, timestamp, signature, content):
            self._json(HTTPStatus.UNAUTHORIZED, {"error": "signature"})
            return
        if self.gateway.faults.take("fail_next"):
            self._json(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "busy"})
            return
        message = _message(content)
        if message is None:
            self._json(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "message"})
            return
        number, is_new = self.gateway.inbox.take(*message)
        if is_new and self.gateway.callback:
            tell = threading.Thread(
                target=self.gateway.call_back, args=(message[0], number), daemon=True
            )
            tell.start()
        if self.gateway.faults.take("lose_next"):
            self.close_connection = True  # The message is taken, the answer is lost.
            return
        self._json(HTTPStatus.ACCEPTED, {"number": number})

    def _set_faults(self, content: bytes) -> None:
        faults = self.gateway.faults
        wanted = _object(content)
        for name in ("fail_next", "lose_next", "latency_ms"):
            value = wanted.get(name, getattr(faults, name))
            if not isinstance(value, int) or not 0 <= value <= 60_000:
                self._json(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": name})
                return
            setattr(faults, name, value)
        self._json(
            HTTPStatus.OK,
            {n: getattr(faults, n) for n in ("fail_next", "lose_next", "latency_ms")},
        )

    def _json(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        self._answer(status, "application/json", json.dumps(content).encode())

    def _answer(self, status: HTTPStatus, media_type: str, content: bytes) -> None:
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
        """Keep quiet: paths carry phone numbers."""


def inbox_page(phone: str, messages: list[tuple[str, str, float]]) -> str:
    """Return the inbox as HTML, everything from outside escaped."""
    items = "".join(
        f"<li><h2>{html.escape(to)}</h2><p>{html.escape(words)}</p>"
        f"<time>{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(at))}</time></li>"
        for to, words, at in messages
    )
    content = f"<ol>{items}</ol>" if items else "<p>还没有短信。No messages yet.</p>"
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'
        f"<title>短信收件箱 · SMS inbox</title><style>{STYLE}</style></head><body><main>"
        "<h1>短信收件箱 · SMS inbox</h1>"
        '<p class="quiet">开发环境的短信网关：平台发出的短信显示在这里，不会真正发送。'
        "Messages of this development gateway go nowhere else.</p>"
        '<form method="get" action="/"><div><label for="phone">手机号 · Phone</label>'
        f'<input id="phone" name="phone" inputmode="tel" value="{html.escape(phone)}"></div>'
        f"<button>查看 · Show</button></form>{content}</main></body></html>"
    )


def serve(port: int, folder: Path, secret: str, callback: str) -> ThreadingHTTPServer:
    """Return a server bound to the port of this machine (0: any free one), not yet serving."""
    gateway = Gateway(Inbox(folder), secret, callback)
    handler = type("BoundHandler", (Handler,), {"gateway": gateway})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(prog="rongqiao_sandboxes.sms", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--secret", default=os.environ.get("SMS_SECRET", ""))
    parser.add_argument("--callback", default="", help="address told of each delivery")
    options = parser.parse_args()
    if not options.secret:
        parser.error("--secret (or SMS_SECRET) is needed")
    server = serve(options.port, options.state, options.secret, options.callback)
    print(f"SMS inbox: http://127.0.0.1:{server.server_port}/", flush=True)  # noqa: T201
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _message(content: bytes) -> tuple[str, str, str] | None:
    found = _object(content)
    values = [found.get(name) for name in ("id", "phone", "text")]
    if not all(isinstance(value, str) and 0 < len(value) <= 1000 for value in values):
        return None
    message_id, phone, words = (str(value) for value in values)
    return message_id, phone, words


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


if __name__ == "__main__":
    main()
