"""Amounts and numbers at the edges of what can be counted (ledger.md, 34 and 35)."""

import json
from dataclasses import dataclass

import psycopg
import pytest

from rongqiao.finance.bookkeeping import Journal, Leg
from rongqiao.finance.money import BadAmount, Money
from rongqiao.money.ledger.operations import writers
from rongqiao.money.ledger.operations.capture_hold import capture_hold
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.operations.writers import Distribution
from rongqiao.money.ledger.queries import books as queries
from rongqiao.money.ledger.queries.books import BOOKS
from rongqiao.platform.operations import canonical, operation, restored
from rongqiao.platform.refusals import Refusal
from tests.faults.load import ON
from tests.money.ledger.conftest import act, transfer
from tests.money.ledger.threads import laws_hold

TOO_MUCH = [10**15 + 1, 2**62, 2**63 - 1, 2**63, 2**70]
NOTHING = [0, -1, -(10**15), -(2**63)]
TEXTS = [
    "NaN", "Infinity", "-Infinity", "1e5", "0x10", "", " 1", "1,000.00", "0.001", "12.345",
    "一", "９.99", "1.", ".5", str(2**63 - 1), "--1", "+1",
]  # fmt: skip


def counts(url):
    with psycopg.connect(url, autocommit=True) as owner:
        return [owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in BOOKS]


def moved(minor, currency="CNY", other=None):
    other = -minor if other is None else other
    legs = (Leg("wallet:a", Money(other, currency)), Leg("wallet:b", Money(minor, currency)))
    journal = object.__new__(Journal)
    # Past what Python's own journal refuses: the books must refuse it themselves.
    for name, value in (("kind", "t"), ("document", "d"), ("value_on", ON), ("legs", legs)):
        object.__setattr__(journal, name, value)
    return journal


def shared(minor, currency="CNY"):
    return Distribution(
        kind="t", document="d", value_on=ON, source="wallet:a", amount=Money(minor, currency),
        holders=(("wallet:b", 1),),
    )  # fmt: skip


def attempts(call):
    """Every door of the books, with every amount that is none of theirs."""
    for number, minor in enumerate([*TOO_MUCH, *NOTHING]):
        key = f"edge-{number}"
        yield lambda k=key, m=minor: writers.hold(k, "wallet:a", Money(m), "o", call, None)
        yield lambda k=key, m=minor: writers.distribute(k, shared(m), call)
    for number, minor in enumerate([*TOO_MUCH, 0, *[-much for much in TOO_MUCH]]):
        key = f"leg-{number}"
        yield lambda k=key, m=minor: writers.post_batch([k], [moved(m)], call)
        yield lambda k=key, m=minor: writers.post_batch([k], [moved(5), moved(m)][1:], call)
    yield lambda: writers.post_batch(["uneven"], [moved(5, other=-4)], call)
    yield lambda: writers.post_batch(["dollars"], [moved(5, "USD")], call)
    yield lambda: writers.post_batch(["none"], [moved(5, "XXX")], call)
    yield lambda: writers.distribute("dollars", shared(5, "USD"), call)


def raw(url, amounts, currencies="{CNY,CNY}"):
    with psycopg.connect(url, autocommit=True) as app:
        app.execute(
            """SELECT ledger_post_batch('{raw}', '{t}', '{d}', '{2026-01-05}', '{1,1}',
                 '{wallet:a,wallet:b}', %s::bigint[], %s::text[], 'x', now())""",
            [amounts, currencies],
        )


RAW = [
    ("{-9223372036854775807,9223372036854775807}", "{CNY,CNY}"),
    ("{-9223372036854775808,9223372036854775807}", "{CNY,CNY}"),
    ("{-9223372036854775809,9223372036854775809}", "{CNY,CNY}"),
    ("{NaN,NaN}", "{CNY,CNY}"),
    ("{-1.005,1.005}", "{CNY,CNY}"),
    ("{0,0}", "{CNY,CNY}"),
    ("{NULL,NULL}", "{CNY,CNY}"),
    ("{-5,NULL}", "{CNY,CNY}"),
    ("{-5,5}", "{CNY,USD}"),
    ("{-5,5}", "{USD,USD}"),
    ("{-5,5}", "{NULL,NULL}"),
    ("{-5,5,0}", "{CNY,CNY}"),
    ("{-5}", "{CNY,CNY}"),
]


@pytest.mark.faults(34)
def test_amounts_beyond_the_books_are_refused_and_leave_no_row(live_db, books, call, told):
    books(a=10**6, b=0)
    before, refused = counts(live_db.owner_url), 0
    for attempt in attempts(call()):
        with pytest.raises(Refusal) as caught:
            attempt()
        assert caught.value.code.startswith("ledger.")
        refused += 1
    for amounts, currencies in RAW:
        with pytest.raises(psycopg.DatabaseError):
            raw(live_db.app_url, amounts, currencies)
        refused += 1
    for text in TEXTS:
        with pytest.raises(BadAmount):
            Money.yuan(text)
        refused += 1
    left = sum(counts(live_db.owner_url)) - sum(before)
    told(34, "amounts beyond the books", refused, f"all refused, {left} rows", "refused, 0 rows")
    assert counts(live_db.owner_url) == before
    assert queries.balance("wallet:a") == Money(10**6)
    laws_hold()


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What an operation tells of a journal: money is text in JSON, and so is its number."""

    journal: str
    amount: Money


@pytest.mark.faults(35)
def test_numbers_past_31_and_53_bits_go_on_counting(live_db, books, call, rounds, told):
    books(a=10**6, b=0)
    transfers, edges = rounds(1_000, 50), (2**31 - 1, 2**53)

    @operation("test.move", restore=Moved)
    def move(wish: Moved, call) -> Moved:
        (number,) = post([transfer("wallet:a", "wallet:b", wish.amount.minor)], call)
        return Moved(journal=str(number), amount=wish.amount)

    for edge in edges:
        for sequence in ("ledger_journal_id_seq", "ledger_hold_id_seq"):
            with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
                owner.execute("SELECT setval(%s, %s)", [sequence, edge - 1])
        numbers = []
        for _ in range(transfers):
            asked = call()
            told_first = move(Moved(journal="", amount=Money(1)), asked)
            assert move(Moved(journal="", amount=Money(1)), asked) == told_first
            numbers.append(int(told_first.journal))
        assert numbers == list(range(edge, edge + transfers))
        answer = canonical(Moved(journal=str(numbers[-1]), amount=Money(edge)))
        assert json.loads(answer) == {
            "journal": str(numbers[-1]), "amount": {"minor": str(edge), "currency": "CNY"},
        }  # fmt: skip
        assert restored(Moved, json.loads(answer)).amount == Money(edge)
        (held,) = act(lambda c: hold("wallet:a", Money(5), "o", c), call())
        assert held == edge
        (back,) = act(lambda c, n=numbers[-1]: reverse(n, "mistake", c), call())
        (taken,) = act(
            lambda c, h=held: capture_hold(h, transfer("wallet:a", "wallet:b", 5), c), call()
        )
        assert taken == back + 1
        assert queries.statement("wallet:b")[1].journal == back
        assert queries.get_journal(numbers[-1]).reversed_by == back
    moved_in_all = len(edges) * (transfers - 1 + 5)
    told(
        35,
        "numbers set to 2^31-1 and 2^53",
        len(edges) * transfers,
        "all posted, numbers exact",
        "next 1,000 transfers work",
    )
    assert queries.balance("wallet:b") == Money(moved_in_all)
    laws_hold()
