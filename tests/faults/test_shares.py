"""A repayment split among 1,000 lenders, odd cents, any weights (ledger.md, 16)."""

import os
import random
from collections import Counter

import psycopg
import pytest

from rongqiao.finance.allocation import split_largest_remainder
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.distribute import distribute
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.writers import Distribution
from rongqiao.money.ledger.queries import books as queries
from tests.faults.load import ON
from tests.money.ledger.conftest import act
from tests.money.ledger.threads import laws_hold

LENDERS = 1_000
SEED = int(os.environ.get("RONGQIAO_SEED", "16"))


def case(drawn):
    """An odd amount and the weights of up to 1,000 lenders: equal ones, tiny ones, huge ones."""
    largest = drawn.choice([1, 3, 100, 10**6, 10**13, 2**62])
    weights = [drawn.randint(0, largest) for _ in range(drawn.choice([1, 2, 7, LENDERS, LENDERS]))]
    weights[drawn.randrange(len(weights))] = largest
    return drawn.choice([drawn.randint(1, 999), drawn.randint(1, 10**9), 10**15]), weights


def check(amount, weights, shares, shuffled):
    whole = sum(weights)
    assert sum(shares) == amount
    assert all(
        abs(share * whole - amount * weight) < whole
        for share, weight in zip(shares, weights, strict=True)
    )
    assert shares == [share.minor for share in split_largest_remainder(Money(amount), weights)]
    # In another order the same weights get the same shares.
    assert Counter(zip(weights, shares, strict=True)) == Counter(shuffled)


@pytest.mark.faults(16)
def test_a_repayment_to_1000_lenders_is_shared_to_the_fen(live_db, books, call, rounds, told):
    cases, posted, drawn = rounds(10_000, 100), rounds(100, 4), random.Random(SEED)
    with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
        for _ in range(cases):
            amount, weights = case(drawn)
            mixed = drawn.sample(weights, len(weights))
            shares, other = owner.execute(
                "SELECT ledger_shares(%s, %s::bigint[]), ledger_shares(%s, %s::bigint[])",
                [amount, weights, amount, mixed],
            ).fetchone()
            check(amount, weights, shares, zip(mixed, other, strict=True))
    books(payer=10**11)
    holders = [f"wallet:{number}" for number in range(LENDERS)]
    act(lambda c: open_accounts(holders, c), call())
    out = 0
    for _ in range(posted):
        amount = drawn.randint(1, 10**9)
        weights = [drawn.randint(0, 10**6) for _ in holders]
        asked = Distribution(
            kind="repayment", document="L", value_on=ON, source="wallet:payer",
            amount=Money(amount), holders=tuple(zip(holders, weights, strict=True)),
        )  # fmt: skip
        act(lambda c, a=asked: distribute(a, c).journal, call())
        out += amount
    received = sum(money.minor for money in queries.balances(holders).values())
    told(
        16,
        f"repayment split to up to 1,000 lenders (seed {SEED})",
        cases,
        f"{out - received} fen lost in {posted} posted, none off by more than 1",
        "sum of parts = whole",
    )
    assert received == out
    assert queries.balance("wallet:payer") == Money(10**11 - out)
    laws_hold()
