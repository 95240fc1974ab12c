"""The SMS gateway's twin: takes signed messages, shows them in an inbox page, calls back.

`python -m rongqiao_sandboxes.sms --port 8021 --state DIR [--secret S] [--callback URL]`; the secret
may also come in SMS_SECRET. It imports nothing of the platform: the two meet over HTTP alone.
"""

from __future__ import annotations

import html
import secrets
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path

from typing_extensions import override

from rongqiao_sandboxes.messaging import (
    SHOWN,
    Answering,
    Signer,
    Switches,
    bound,
    document,
    object_of,
    run,
)


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

    messages = "/v1/messages"
    addressee = "phone"
    gateway: Gateway

    @override
    def page(self, addressee: str) -> str:
        return inbox_page(addressee, self.gateway.inbox.list(addressee))

    @override
    def taken(self, content: bytes) -> str | None:
        message = _message(content)
        if message is None:
            return None
        number, is_new = self.gateway.inbox.take(*message)
        if is_new and self.gateway.callback:
            threading.Thread(
                target=self.gateway.call_back, args=(message[0], number), daemon=True
            ).start()
        return number


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
    return bound(port, Handler, gateway=gateway, signer=gateway.signer, faults=gateway.faults)


def _message(content: bytes) -> tuple[str, str, str] | None:
    found = object_of(content)
    values = [found.get(name) for name in ("id", "phone", "text")]
    if not all(isinstance(value, str) and 0 < len(value) <= 1000 for value in values):
        return None
    message_id, phone, words = (str(value) for value in values)
    return message_id, phone, words


if __name__ == "__main__":
    run("sms", "SMS inbox", __doc__, serve)
