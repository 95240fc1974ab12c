"""Writers that move money as fast as they are answered, and know what they were answered.

A writer whose connection is lost does not know whether its last transfer was posted. It asks again
with the same key as soon as it gets through.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.db import Error, connection

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations import writers
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post as post_inside
from rongqiao.platform.operations import Call
from tests.money.ledger.conftest import act

ON = date(2026, 1, 5)
AT = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
WALLETS = 40
FULL_WALLET = 10**9
# One in so many is a top-up, whose other side every writer posts to.
TOP_UP = 4
PATIENCE = 90.0


def call(key):
    return Call(actor="system:load", key=key, at=AT, on=ON)


def open_books(by=None):
    """Open wallets with plenty in them; return the keys of the journals that filled them."""
    by, filled = by or post, {}
    wallets = [f"wallet:{number}" for number in range(WALLETS)]
    act(lambda c: open_accounts(["custodian-cash", *wallets], c), call("open"))
    for wallet in wallets:
        key, number = by(f"fill-{wallet}", top_up(wallet, FULL_WALLET))
        filled[key] = number
    return filled


def transfer(source, target, minor):
    legs = (debit(source, Money(minor)), credit(target, Money(minor)))
    return Journal("transfer", "load", ON, legs)


def top_up(wallet, minor):
    return transfer("custodian-cash", wallet, minor)


def post(key, journal):
    """Post one journal in a transaction of its own; return its key in the books and its number."""
    (number,) = writers.post_batch([key], [journal], call(key))
    return key, number


def operate(key, journal):
    """Post one journal by an operation, as the platform does; its key and number."""
    (number,) = act(lambda c: post_inside([journal], c), call(key))
    return f"test.act|system:load|{key}|1", number


def drawn_journal(drawn):
    source, target = drawn.sample(range(WALLETS), 2)
    minor = drawn.randint(1, 100)
    if drawn.randrange(TOP_UP) == 0:
        return top_up(f"wallet:{target}", minor)
    return transfer(f"wallet:{source}", f"wallet:{target}", minor)


@dataclass
class Load:
    """Writers at work; `acknowledged` maps keys of the books to journals.

    `unknown` holds what was asked and not answered at once, by the writer's own key.
    """

    writers: int
    seed: int
    name: str = "load"
    pause: float = 0.0
    by: Callable = post
    acknowledged: dict = field(default_factory=dict)
    unknown: dict = field(default_factory=dict)
    # (asked at, answered at, key) by the monotonic clock.
    answers: list = field(default_factory=list)
    surprises: list = field(default_factory=list)

    def __enter__(self):
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(number,)) for number in range(self.writers)
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        assert not any(thread.is_alive() for thread in self._threads), "a writer hangs"

    def wait_for(self, count):
        """Wait until so many more transfers were acknowledged."""
        enough, end = len(self.acknowledged) + count, time.monotonic() + PATIENCE
        while len(self.acknowledged) < enough:
            assert not self.surprises, self.surprises[:3]
            assert time.monotonic() < end, (len(self.acknowledged), enough)
            time.sleep(0.01)

    def ask_again(self):
        """Ask everything unknown once more; every answer must be the one that came in the end."""
        connection.close()
        for key, journal in self.unknown.items():
            kept, number = self.by(key, journal)
            assert self.acknowledged[kept] == number

    def _write(self, writer):
        drawn, number = random.Random(self.seed * 1000 + writer), 0
        try:
            while not self._stopping.is_set():
                key, journal = f"{self.name}-{writer}-{number}", drawn_journal(drawn)
                begun = time.monotonic()
                kept, answer = self._insist(key, journal)
                self.acknowledged[kept] = answer
                self.answers.append((begun, time.monotonic(), key))
                number += 1
                if self.pause:
                    time.sleep(self.pause)
        except Exception as error:
            self.surprises.append(error)
        finally:
            connection.close()

    def _insist(self, key, journal):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.by(key, journal)
            except Error:
                self.unknown[key] = journal
                connection.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
