"""Many at once on the same accounts and holds: no deadlock, one winner (ledger.md, 11, 14, 15)."""

import itertools
import random
from dataclasses import replace

import pytest

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.capture_hold import capture_hold
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.money.ledger.queries import books as queries
from tests.faults.load import ON
from tests.money.ledger.conftest import act, transfer, wallets
from tests.money.ledger.threads import at_once, deadlocks, laws_hold

CLIENTS = 64
NAMES = "abcdef"


def circle(stops, drawn):
    """One journal that goes round three accounts, or one transfer of each pair."""
    money = [Money(drawn.randint(1, 9)) for _ in stops]
    if drawn.random() < 0.5:
        pairs = itertools.pairwise([*stops, stops[0]])
        return [
            transfer(one, other, sum_.minor)
            for (one, other), sum_ in zip(pairs, money, strict=True)
        ]
    first, second, third = stops
    legs = (debit(first, money[0] + money[1]), credit(second, money[0]), credit(third, money[1]))
    return [Journal("circle", "test", ON, legs)]


def journals_of(route, drawn):
    stops = wallets(*route)
    if len(stops) == 3:
        return circle(stops, drawn)
    return [transfer(*stops, drawn.randint(1, 9))]


def go(worker, steps, asked, acknowledged):
    """Move money along routes that cross everybody else's, or capture a hold on the way."""
    drawn = random.Random(worker)
    for step in range(steps):
        route = drawn.sample(NAMES, drawn.choice([2, 2, 3]))
        call = replace(asked, key=f"w{worker}-{step}")
        journals = journals_of(route, drawn)
        if step % 5 == 4:
            source, target = wallets(*route[:2])
            held = replace(call, key=f"{call.key}-hold")
            (number,) = act(lambda c, s=source: hold(s, Money(9), "bid", c), held)
            journals = [transfer(source, target, 9)]
            numbers = act(lambda c, n=number, j=journals[0]: capture_hold(n, j, c), call)
        else:
            numbers = act(lambda c, j=journals: post(j, c), call)
        parts = enumerate(numbers, 1)
        acknowledged.update(
            {f"test.act|{call.actor}|{call.key}|{part}": number for part, number in parts}
        )


@pytest.mark.faults(11)
def test_crossing_transfers_and_circles_of_three_by_64_clients_never_deadlock(
    live_db, books, call, rounds, told, audit_books
):
    steps, acknowledged = rounds(100, 5), {}
    books(**dict.fromkeys(NAMES, 1_000_000))
    asked = call()
    answers = at_once(
        *[lambda worker=worker: go(worker, steps, asked, acknowledged) for worker in range(CLIENTS)]
    )
    errors = sum(answer is not None for answer in answers)
    told(
        11,
        "crossing transfers, circles of three and captures by 64 clients",
        CLIENTS * steps,
        f"{deadlocks()} deadlocks, {errors} errors to users",
        "0 deadlocks, 0 errors",
    )
    assert (deadlocks(), errors) == (0, 0)
    assert sum(queries.balance(f"wallet:{name}").minor for name in NAMES) == 6_000_000
    laws_hold()
    # The journal that filled the wallets is acknowledged to nobody here.
    audit_books(live_db.app_url, acknowledged)


@pytest.mark.faults(14)
def test_of_32_holds_of_a_thousand_on_five_thousand_exactly_five_are_accepted(
    live_db, books, call, rounds, told
):
    times, accepted = rounds(50, 3), []
    for number in range(times):
        name = f"n{number}"
        books(**{name: 5_000})
        calls = [call() for _ in range(32)]
        answers = at_once(
            *[
                lambda c=one, w=f"wallet:{name}": act(lambda k: hold(w, Money(1000), "b", k), c)
                for one in calls
            ]
        )
        accepted.append(32 - answers.count("ledger.insufficient-funds"))
        assert queries.account_state(f"wallet:{name}").available == Money(0)
    figure = "/".join(str(count) for count in sorted(set(accepted)))
    told(14, "32 holds of 1,000 at once on 5,000", times, f"{figure} accepted", "exactly 5")
    assert set(accepted) == {5}
    laws_hold()


@pytest.mark.faults(15)
def test_of_two_captures_and_a_release_of_one_hold_exactly_one_wins(
    live_db, books, call, rounds, told
):
    times, wins = rounds(300, 20), []
    books(a=1_000_000, b=0)
    journal = transfer("wallet:a", "wallet:b", 100)
    for _ in range(times):
        (number,) = act(lambda c: hold("wallet:a", Money(100), "bid", c), call())
        ends = [
            lambda c: capture_hold(number, journal, c),  # noqa: B023 - ends with the round
            lambda c: capture_hold(number, journal, c),  # noqa: B023
            lambda c: release_hold(number, c),  # noqa: B023
        ]
        answers = at_once(
            *[lambda e=end, c=call(): act(e, c) for end in ends]  # noqa: B008 - one for each
        )
        wins.append(3 - answers.count("ledger.hold-ended"))
    figure = "/".join(str(count) for count in sorted(set(wins)))
    told(15, "two captures and a release of one hold at once", times, f"{figure} won", "exactly 1")
    assert set(wins) == {1}
    assert queries.account_state("wallet:a").held == Money(0)
    laws_hold()


@pytest.fixture(autouse=True)
def kept_apart(call):
    """Accounts that these tests share are opened before the threads begin."""
    act(lambda c: open_accounts(["custodian-cash", "suspense"], c), call())
