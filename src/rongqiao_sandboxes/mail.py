"""The mail provider's twin: takes signed mails, shows them in an inbox page, calls back.

`python -m rongqiao_sandboxes.mail --port 8023 --state DIR [--secret S] [--callback URL]`; the
secret may also come in MAIL_SECRET. Each mail is delivered, or bounces: for good (hard) where the
address begins with `bounce`, for now (soft) where it begins with `full`, else as the switches say.
It imports nothing of the platform: the two meet over HTTP alone.
"""

from __future__ import annotations

import html
import secrets
import sqlite3
import threading
import time
from dataclasses import dataclass, field
from http import HTTPStatus
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

WORDS = {
    "queued": "等待投递 · Queued",
    "delivered": "已投递 · Delivered",
    "hard": "永久退信 · Hard bounce",
    "soft": "暂时退信 · Soft bounce",
}


@dataclass
class Faults(Switches):
    """What a mail's way may meet beside what any message's does."""

    bounce_next: int = 0
    soft_next: int = 0
    lose_callbacks: int = 0
    double_callbacks: int = 0
    settle_ms: int = 200


@dataclass(frozen=True)
class Mail:
    """A mail as it was handed over."""

    id: str
    to: str
    subject: str
    text: str
    html: str
    unsubscribe: str


@dataclass(frozen=True)
class Kept:
    """A mail as the inbox shows it; `taken_at` in seconds of the machine's clock."""

    to: str
    subject: str
    text: str
    html: str
    unsubscribe: str
    fate: str
    taken_at: float


class Inbox:
    """The mails, in a file of their own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "inbox.sqlite3"
        with self._open() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute(
                "CREATE TABLE IF NOT EXISTS mail (id TEXT PRIMARY KEY, number TEXT NOT NULL,"
                " address TEXT NOT NULL, subject TEXT NOT NULL, words TEXT NOT NULL,"
                " html TEXT NOT NULL, unsubscribe TEXT NOT NULL, fate TEXT NOT NULL,"
                " taken_at REAL NOT NULL)"
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=10)

    def take(self, mail: Mail) -> tuple[str, bool]:
        """Keep a mail once; return its number and whether it is new."""
        number = f"M{secrets.token_hex(8)}"
        values = [mail.id, number, mail.to, mail.subject, mail.text, mail.html, mail.unsubscribe]
        with self._open() as db:
            added = db.execute(
                "INSERT INTO mail VALUES (?, ?, ?, ?, ?, ?, ?, 'queued', ?)"
                " ON CONFLICT (id) DO NOTHING",
                [*values, time.time()],
            ).rowcount
            row = db.execute("SELECT number FROM mail WHERE id = ?", [mail.id]).fetchone()
        return str(row[0]), bool(added)

    def settle(self, mail_id: str, fate: str) -> None:
        """Note what became of a mail."""
        with self._open() as db:
            db.execute("UPDATE mail SET fate = ? WHERE id = ?", [fate, mail_id])

    def find(self, mail_id: str) -> tuple[str, str] | None:
        """Return number and fate of a mail; None if it was never taken."""
        with self._open() as db:
            row = db.execute("SELECT number, fate FROM mail WHERE id = ?", [mail_id]).fetchone()
        return (str(row[0]), str(row[1])) if row else None

    def list(self, address: str) -> list[Kept]:
        """Return the newest mails, to one address or to all."""
        where, values = ("WHERE address = ?", [address]) if address else ("", [])
        query = (
            "SELECT address, subject, words, html, unsubscribe, fate, taken_at FROM mail"  # noqa: S608
            f" {where} ORDER BY taken_at DESC LIMIT ?"
        )
        with self._open() as db:
            return [Kept(*row) for row in db.execute(query, [*values, SHOWN]).fetchall()]


@dataclass
class Provider:
    """The state the requests share."""

    inbox: Inbox
    signer: Signer
    callback: str
    faults: Faults = field(default_factory=Faults)

    def bring(self, mail: Mail, number: str) -> None:
        """Bring a mail to its address or back, then tell: once, twice or never."""
        time.sleep(self.faults.settle_ms / 1000)
        fate = self._fate(mail.to)
        self.inbox.settle(mail.id, fate)
        if not self.callback or self.faults.take("lose_callbacks"):
            return
        told = {"id": mail.id, "number": number, **outcome(fate)}
        for _time in range(2 if self.faults.take("double_callbacks") else 1):
            for pause in (0.0, 1.0, 5.0):
                time.sleep(pause)
                if self.signer.tell(self.callback, told):
                    break

    def _fate(self, address: str) -> str:
        if address.startswith("bounce") or self.faults.take("bounce_next"):
            return "hard"
        if address.startswith("full") or self.faults.take("soft_next"):
            return "soft"
        return "delivered"


class Handler(Answering):
    """One request."""

    messages = "/v1/mails"
    addressee = "address"
    largest_body = 65_536
    provider: Provider

    @override
    def page(self, addressee: str) -> str:
        address = addressee.lower()
        return inbox_page(address, self.provider.inbox.list(address))

    @override
    def told(self, message_id: str) -> None:
        if not self.is_signed(self.provider.signer, b""):
            return
        found = self.provider.inbox.find(message_id)
        if found is None:
            self.json(HTTPStatus.NOT_FOUND, {"error": "unknown"})
        else:
            self.json(HTTPStatus.OK, {"number": found[0], **outcome(found[1])})

    @override
    def taken(self, content: bytes) -> str | None:
        mail = _mail(content)
        if mail is None:
            return None
        number, is_new = self.provider.inbox.take(mail)
        if is_new:
            threading.Thread(target=self.provider.bring, args=(mail, number), daemon=True).start()
        return number


def outcome(fate: str) -> dict[str, str]:
    """Return the protocol's words for what became of a mail."""
    return {"state": "bounced", "kind": fate} if fate in {"hard", "soft"} else {"state": fate}


def inbox_page(address: str, mails: list[Kept]) -> str:
    """Return the inbox as HTML, everything from outside escaped."""
    content = (
        f"<ol>{''.join(map(_item, mails))}</ol>" if mails else "<p>还没有邮件。No mails yet.</p>"
    )
    return document(
        "邮件收件箱 · Mail inbox",
        '<p class="quiet">开发环境的邮件服务：平台发出的邮件显示在这里，不会真正发送。'
        "Mails of this development provider go nowhere else.</p>"
        '<form method="get" action="/"><div><label for="address">邮箱 · Address</label>'
        f'<input id="address" name="address" value="{html.escape(address)}"></div>'
        f"<button>查看 · Show</button></form>{content}",
    )


def _item(mail: Kept) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(mail.taken_at))
    leave = ""
    if mail.unsubscribe.startswith(("http://", "https://")):
        leave = f'<p><a href="{html.escape(mail.unsubscribe)}">退订 · Unsubscribe</a></p>'
    source = ""
    if mail.html:
        source = f"<details><summary>HTML</summary><pre>{html.escape(mail.html)}</pre></details>"
    return (
        f"<li><h2>{html.escape(mail.subject)}</h2><p>{html.escape(mail.to)} · {WORDS[mail.fate]}"
        f"</p><pre>{html.escape(mail.text)}</pre>{source}{leave}<time>{at}</time></li>"
    )


def serve(port: int, folder: Path, secret: str, callback: str) -> ThreadingHTTPServer:
    """Return a server bound to the port of this machine (0: any free one), not yet serving."""
    provider = Provider(Inbox(folder), Signer(secret), callback)
    return bound(port, Handler, provider=provider, signer=provider.signer, faults=provider.faults)


def _mail(content: bytes) -> Mail | None:
    found = object_of(content)
    values = {name: found.get(name, "") for name in ("id", "to", "subject", "text", "html")}
    values["unsubscribe"] = found.get("unsubscribe", "")
    if not all(isinstance(value, str) and len(value) <= 30_000 for value in values.values()):
        return None
    mail = Mail(**values)
    is_whole = mail.id and "@" in mail.to and mail.subject and mail.text
    return mail if is_whole and "\n" not in mail.to + mail.subject else None


if __name__ == "__main__":
    run("mail", "Mail inbox", __doc__, serve)
