"""The town that is asked about: what each person and firm is like follows from their number.

Nobody's name or number is kept in clear: bindings (this name belongs to this number, this card to
that person) are keyed digests, made when a number is first asked about or planted on the page.
Numbers end in what becomes of them: a person whose sequence digits (15 to 17) are 990 to 999, and
a firm whose ninth to sixteenth characters begin with 99, are in no record.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import threading
import time
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS binding (kind TEXT NOT NULL, about TEXT NOT NULL,
  bound TEXT NOT NULL, is_planted INTEGER NOT NULL, PRIMARY KEY (kind, about));
CREATE TABLE IF NOT EXISTS planted (source TEXT NOT NULL, about TEXT NOT NULL, facts TEXT NOT NULL,
  PRIMARY KEY (source, about));
CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, kept_until REAL NOT NULL);
CREATE TABLE IF NOT EXISTS asked (reference TEXT PRIMARY KEY, source TEXT NOT NULL,
  shown TEXT NOT NULL, outcome TEXT NOT NULL, fault TEXT NOT NULL, at REAL NOT NULL,
  times INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS asked_at ON asked (at);
CREATE TABLE IF NOT EXISTS ticket (ticket TEXT PRIMARY KEY, reference TEXT NOT NULL UNIQUE,
  answer TEXT NOT NULL, due_at REAL NOT NULL, is_told INTEGER NOT NULL DEFAULT 0);
"""
SHOWN = 60


class Town:
    """The memory of the twins: one SQLite file, one lock."""

    def __init__(self, folder: Path, secret: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._secret = secret.encode()
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            folder / "registries.sqlite3", timeout=10, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for one all-or-nothing change."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def digest(self, *parts: str) -> str:
        """Return the keyed digest by which the town knows a name or a number."""
        text = "\x1f".join(unicodedata.normalize("NFKC", part).strip() for part in parts)
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()

    def fits(self, kind: str, about: str, bound: str) -> bool:
        """Tell whether `bound` belongs to `about`; who is asked about first is who it is."""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO binding VALUES (?, ?, ?, 0) ON CONFLICT DO NOTHING",
                [kind, self.digest(kind, about), self.digest(bound)],
            )
            row = db.execute(
                "SELECT bound FROM binding WHERE kind = ? AND about = ?",
                [kind, self.digest(kind, about)],
            ).fetchone()
        return hmac.compare_digest(row["bound"], self.digest(bound))

    def plant_binding(self, kind: str, about: str, bound: str) -> None:
        """Say to whom a number belongs, whoever was asked about before."""
        with self.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO binding VALUES (?, ?, ?, 1)",
                [kind, self.digest(kind, about), self.digest(bound)],
            )

    def plant_facts(self, source: str, number: str, facts: dict[str, Any]) -> None:
        """Say what a source answers of a number; `{"no-record": true}`: nothing."""
        with self.transaction() as db:
            db.execute(
                "INSERT OR REPLACE INTO planted VALUES (?, ?, ?)",
                [source, self.digest("number", number), json.dumps(facts)],
            )

    def planted(self, source: str, number: str) -> dict[str, Any]:
        """Return the facts planted for a number, {} if none."""
        with self.transaction() as db:
            row = db.execute(
                "SELECT facts FROM planted WHERE source = ? AND about = ?",
                [source, self.digest("number", number)],
            ).fetchone()
        found: dict[str, Any] = json.loads(row["facts"]) if row else {}
        return found

    def log(self, reference: str, source: str, shown: str, outcome: str, fault: str) -> None:
        """Note what was asked, masked, and what became of it."""
        with self.transaction() as db:
            db.execute(
                "INSERT INTO asked VALUES (?, ?, ?, ?, ?, ?, 1)"
                " ON CONFLICT (reference) DO UPDATE SET outcome = excluded.outcome,"
                " fault = excluded.fault, at = excluded.at, times = asked.times + 1",
                [reference, source, shown, outcome, fault, time.time()],
            )

    def newest(self) -> list[sqlite3.Row]:
        """Return what was asked last, newest first."""
        with self.transaction() as db:
            return db.execute("SELECT * FROM asked ORDER BY at DESC LIMIT ?", [SHOWN]).fetchall()

    def counted(self) -> dict[str, int]:
        """Return how many distinct inquiries each source had."""
        with self.transaction() as db:
            rows = db.execute("SELECT source, count(*) AS n FROM asked GROUP BY source").fetchall()
        return {row["source"]: row["n"] for row in rows}


@dataclass(frozen=True)
class Lot:
    """What falls to a number: figures drawn from its digest, the same for ever."""

    digest: bytes

    @classmethod
    def of(cls, source: str, number: str) -> Lot:
        """Return the lot of a number at a source."""
        return cls(hashlib.sha256(f"{source}:{number}".encode()).digest())

    def upto(self, place: int, most: int) -> int:
        """Return a figure from 0 to `most`, by place."""
        return int.from_bytes(self.digest[place * 3 : place * 3 + 3], "big") % (most + 1)

    def luck(self, place: int) -> float:
        """Return a share from 0 to below 1, by place."""
        return int.from_bytes(self.digest[place * 3 : place * 3 + 3], "big") / 2**24

    def day(self, place: int, before: date, years: int) -> str:
        """Return a day of the `years` before a date."""
        return (before - timedelta(days=1 + self.upto(place, 365 * years - 1))).isoformat()


def is_unknown(number: str) -> bool:
    """Tell whether the number is one of those in no record."""
    # GB/T 2260 ends at 83; GB 32100-2015 begins credit codes with a department's 9, 1, A, N, Y ...
    if number[:17].isdecimal() and number[:2] < "84":
        return number[14:16] == "99"
    return number[8:10] == "99"


def masked(name: str, number: str) -> str:
    """Return how the log shows who was asked about."""
    return f"{name[:1]}{'*' * max(len(name) - 1, 1)} {number[:4]}**********{number[-2:]}"
