"""The SMS gateway's twin: takes signed messages, shows them in an inbox page, calls back.

`python -m rongqiao_sandboxes.sms --port 8021 --state DIR [--secret S] [--callback URL]`; the secret
may also come in SMS_SECRET. It imports nothing of the platform: the two meet over HTTP alone.
"""

from __future__ import annotations

import argparse
import html
import os
import secrets
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from rongqiao_sandboxes.messaging import SHOWN, Answering, Signer, Switches, document, object_of


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
    signer: Signer
    callback: str
    faults: Switches = field(default_factory=Switches)

    def call_back(self, message_id: str, number: str) -> None:
        """Tell the platform, signed, that a message was delivered; three tries."""
        told = {"id": message_id, "number": number, "state": "delivered"}
        for pause in (0.2, 1.0, 5.0):
            time.sleep(pause)
            if self.signer.tell(self.callback, told):
                return


class Handler(Answering):
    """One request."""

    gateway: Gateway

    def do_GET(self) -> None:  # noqa: N802 - the name that the library calls
        """Show the inbox, or say that all is well."""
        parts = urlsplit(self.path)
        if parts.path == "/healthz":
            self.json(HTTPStatus.OK, {"ok": True})
        elif parts.path == "/":
            phone = parse_qs(parts.query).get("phone", [""])[0].strip()
            page = inbox_page(phone, self.gateway.inbox.list(phone))
            self.answer(HTTPStatus.OK, "text/html; charset=utf-8", page.encode())
        else:
            self.json(HTTPStatus.NOT_FOUND, {"error": "not-found"})

    def do_POST(self) -> None:  # noqa: N802
        """Take a message, or set faults."""
        content = self.content()
        path = urlsplit(self.path).path
        if content is None:
            return
        if path == "/v1/messages":
            self._take(content)
        elif path == "/faults":
            self.turn(self.gateway.faults, content)
        else:
            self.json(HTTPStatus.NOT_FOUND, {"error": "not-found"})

    def _take(self, content: bytes) -> None:
        time.sleep(self.gateway.faults.latency_ms / 1000)
        if not self.is_signed(self.gateway.signer, content):
            return
        if self.gateway.faults.take("fail_next"):
            self.json(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "busy"})
            return
        message = _message(content)
        if message is None:
            self.json(HTTPStatus.UNPROCESSABLE_ENTITY, {"error": "message"})
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
        self.json(HTTPStatus.ACCEPTED, {"number": number})


def inbox_page(phone: str, messages: list[tuple[str, str, float]]) -> str:
    """Return the inbox as HTML, everything from outside escaped."""
    items = "".join(
        f"<li><h2>{html.escape(to)}</h2><p>{html.escape(words)}</p>"
        f"<time>{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(at))}</time></li>"
        for to, words, at in messages
    )
    content = f"<ol>{items}</ol>" if items else "<p>还没有短信。No messages yet.</p>"
    return document(
        "短信收件箱 · SMS inbox",
        '<p class="quiet">开发环境的短信网关：平台发出的短信显示在这里，不会真正发送。'
        "Messages of this development gateway go nowhere else.</p>"
        '<form method="get" action="/"><div><label for="phone">手机号 · Phone</label>'
        f'<input id="phone" name="phone" inputmode="tel" value="{html.escape(phone)}"></div>'
        f"<button>查看 · Show</button></form>{content}",
    )


def serve(port: int, folder: Path, secret: str, callback: str) -> ThreadingHTTPServer:
    """Return a server bound to the port of this machine (0: any free one), not yet serving."""
    gateway = Gateway(Inbox(folder), Signer(secret), callback)
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
    found = object_of(content)
    values = [found.get(name) for name in ("id", "phone", "text")]
    if not all(isinstance(value, str) and 0 < len(value) <= 1000 for value in values):
        return None
    message_id, phone, words = (str(value) for value in values)
    return message_id, phone, words


if __name__ == "__main__":
    main()
