"""The bank's memory: one SQLite file, every change a transaction, and the bank's own clock.

What was answered survives kill -9: an answer is sent after COMMIT only. One connection under one
lock serves all threads; the amounts of a sandbox need no more.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from rongqiao_sandboxes.bank.reading import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHINA = timezone(timedelta(hours=8))
SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, kept_until REAL NOT NULL);
CREATE INDEX IF NOT EXISTS nonce_age ON nonce (kept_until);
CREATE TABLE IF NOT EXISTS pool (id INTEGER PRIMARY KEY CHECK (id = 1),
  balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0));
INSERT INTO pool VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS account (no TEXT PRIMARY KEY, customer_no TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL, kind TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS card (no TEXT PRIMARY KEY, holder TEXT NOT NULL,
  balance_minor INTEGER NOT NULL CHECK (balance_minor >= 0), is_closed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS binding (token TEXT PRIMARY KEY,
  account_no TEXT NOT NULL REFERENCES account, card_no TEXT NOT NULL REFERENCES card);
CREATE TABLE IF NOT EXISTS payment_order (id INTEGER PRIMARY KEY, order_no TEXT NOT NULL UNIQUE,
  digest TEXT NOT NULL, kind TEXT NOT NULL, account_no TEXT NOT NULL, card_no TEXT NOT NULL,
  amount_minor INTEGER NOT NULL, memo TEXT NOT NULL, original_serial TEXT NOT NULL,
  bank_serial TEXT NOT NULL UNIQUE, state TEXT NOT NULL CHECK (state IN
    ('processing', 'succeeded', 'failed', 'returned', 'closed', 'refused')),
  reason TEXT NOT NULL, taken_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
  settled_on TEXT NOT NULL DEFAULT '', return_due_at INTEGER, returned_on TEXT NOT NULL DEFAULT '',
  return_serial TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS order_due ON payment_order (due_at) WHERE state = 'processing';
CREATE INDEX IF NOT EXISTS return_due ON payment_order (return_due_at) WHERE state = 'succeeded';
CREATE TABLE IF NOT EXISTS batch (no TEXT PRIMARY KEY, digest TEXT NOT NULL, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, serial TEXT NOT NULL UNIQUE,
  order_no TEXT NOT NULL, kind TEXT NOT NULL, direction TEXT NOT NULL
    CHECK (direction IN ('in', 'out')), amount_minor INTEGER NOT NULL CHECK (amount_minor > 0),
  value_on TEXT NOT NULL, at INTEGER NOT NULL, account_no TEXT NOT NULL,
  counterparty TEXT NOT NULL, memo TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entry_day ON entry (value_on);
CREATE TABLE IF NOT EXISTS callback (id INTEGER PRIMARY KEY, event_id TEXT NOT NULL,
  order_no TEXT NOT NULL, body TEXT NOT NULL, due_at INTEGER NOT NULL, place REAL NOT NULL,
  is_forged INTEGER NOT NULL, fault TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
  outcome TEXT NOT NULL DEFAULT '', is_done INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS callback_due ON callback (due_at, place) WHERE is_done = 0;
CREATE TABLE IF NOT EXISTS statement_fault (day TEXT PRIMARY KEY, kind TEXT NOT NULL);
"""


class State:
    """The database and the clock. `is_manual`: nothing happens but on request."""

    def __init__(self, folder: Path, *, is_manual: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.is_manual = is_manual
        # Set whenever there may be something new to do; the background threads wait for it.
        self.woken = threading.Condition()
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            folder / "bank.sqlite3", timeout=10, isolation_level=None, check_same_thread=False
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Give the connection for one all-or-nothing change (or one consistent look)."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def wake(self) -> None:
        """Tell the background threads to look again."""
        with self.woken:
            self.woken.notify_all()

    def now(self) -> int:
        """Return the bank's time in milliseconds since 1970."""
        clock = self.setting("clock")
        if self.is_manual and "stands_at" in clock:
            return int(clock["stands_at"])
        return machine_ms() + int(clock.get("ahead_by", 0))

    def set_clock(self, instant: datetime | None) -> None:
        """Put the clock: it stands there in manual mode, else it runs on; None: the machine's.

        Raises Refused (`clock-backwards`) for a time before something that is booked already.
        """
        if instant is None:
            self.set_setting("clock", {})
            return
        wanted = int(instant.timestamp() * 1000)
        with self.transaction() as db:
            last = db.execute("SELECT max(at) FROM entry").fetchone()[0] or 0
        if wanted < last:
            raise Refused("clock-backwards", "something was booked later", HTTPStatus.CONFLICT)
        name, value = "stands_at", wanted
        if not self.is_manual:
            name, value = "ahead_by", wanted - machine_ms()
        self.set_setting("clock", {name: value})

    def setting(self, name: str) -> dict[str, Any]:
        """Return a remembered object, {} if none."""
        with self._lock:
            row = self._db.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        found: dict[str, Any] = json.loads(row["value"]) if row else {}
        return found

    def set_setting(self, name: str, value: dict[str, Any]) -> None:
        """Remember an object."""
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, json.dumps(value)])


def machine_ms() -> int:
    """Return the machine's time in milliseconds since 1970."""
    return int(time.time() * 1000)


def instant_text(ms: int) -> str:
    """Return an instant as ISO 8601 in China's time."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(CHINA).isoformat(timespec="seconds")


def china_day(ms: int) -> date:
    """Return the date an instant has in China."""
    return datetime.fromtimestamp(ms / 1000, CHINA).date()


def end_of_day(day: date) -> int:
    """Return the instant (ms) at which a day ends in China: 24:00."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(days=1)
    return int(midnight.timestamp() * 1000)


def pool_balance(db: sqlite3.Connection) -> int:
    """Return the pooled balance in fen."""
    return int(db.execute("SELECT balance_minor FROM pool").fetchone()[0])
