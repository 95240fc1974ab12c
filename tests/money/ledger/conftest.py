"""Books with some accounts, and operations that do whatever a test wants."""

from dataclasses import dataclass
from datetime import date

import pytest

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.operations import operation


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a test's operation is asked, in words."""

    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What it answered."""

    numbers: tuple[int, ...]


def act(body, call, text=""):
    """Run `body(call)` as an operation; return its numbers."""

    @operation("test.act", restore=Numbers)
    def acting(wish: Wish, call) -> Numbers:
        answer = body(call)
        return Numbers(numbers=answer if isinstance(answer, tuple) else (answer or 0,))

    return acting(Wish(text=text), call).numbers


def transfer(source, target, minor, document="test", on=date(2026, 1, 5)):
    """A journal that moves fen from one account to another."""
    legs = (debit(source, Money(minor)), credit(target, Money(minor)))
    return Journal("transfer", document, on, legs)


def wallets(*names):
    return [f"wallet:{name}" for name in names]


@pytest.fixture
def books(call):
    """Return `books(name=fen, ...)`: opens custodian cash and wallets with so much in them."""

    def open_books(**fen):
        act(lambda c: open_accounts(["custodian-cash", "suspense", *wallets(*fen)], c), call())
        filled = [
            transfer("custodian-cash", f"wallet:{name}", minor)
            for name, minor in fen.items()
            if minor
        ]
        if filled:
            act(lambda c: post(filled, c), call())

    return open_books
