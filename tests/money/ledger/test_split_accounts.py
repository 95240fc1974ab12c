"""Sixteen sub-accounts behind one code: never below zero together, and nobody stands in line."""

import random
from contextlib import suppress
from dataclasses import replace

import psycopg
import pytest

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Part
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.operations.upkeep.roll_up import roll_up
from rongqiao.money.ledger.queries import books as queries
from rongqiao.platform.refusals import Refusal
from tests.money.ledger.conftest import act, transfer
from tests.money.ledger.threads import at_once, deadlocks, laws_hold

FUNDS = "operator-funds"


@pytest.fixture
def funds(books, call):
    """Return `funds(fen)`: opens the operator's funds with so much in them, and two wallets."""

    def open_funds(minor):
        books(a=0, b=0)
        act(lambda c: open_accounts([FUNDS, "reserve-fund"], c), call())
        if minor:
            act(lambda c: post([transfer("custodian-cash", FUNDS, minor)], c), call())

    return open_funds


def lend(minor, call, target="wallet:a"):
    return act(lambda c: post([transfer(FUNDS, target, minor)], c), call)[0]


def refused(body):
    with pytest.raises(Refusal) as caught:
        body()
    return caught.value


def parts():
    return sorted(Part.objects.values_list("balance_minor", flat=True))


@pytest.mark.django_db
def test_the_parts_behave_as_one_account(funds, call):
    funds(1000)
    assert (len(parts()), sum(parts())) == (32, 1000)
    number = lend(300, call())
    assert queries.account_state(FUNDS).available == Money(700)
    act(lambda c: reverse(number, "mistake", c), call())
    assert queries.balance(FUNDS) == Money(1000)
    assert [line.balance.minor for line in queries.statement(FUNDS)] == [1000, 700, 1000]
    laws_hold()


@pytest.mark.django_db
def test_a_debit_larger_than_any_part_is_taken_from_several(funds, call):
    funds(0)
    for _ in range(8):
        act(lambda c: post([transfer("custodian-cash", FUNDS, 100)], c), call())
    lend(750, call())
    lend(45, call())
    assert queries.balance(FUNDS) == Money(5)
    assert min(parts()) >= 0
    laws_hold()


@pytest.mark.django_db
def test_more_than_the_whole_is_refused_with_what_the_whole_has(funds, call):
    funds(0)
    for minor in (100, 200, 300):
        act(lambda c, m=minor: post([transfer("custodian-cash", FUNDS, m)], c), call())
    no = refused(lambda: lend(601, call()))
    assert (no.code, no.facts) == (
        "ledger.insufficient-funds", {"account": FUNDS, "available": "6.00", "wanted": "6.01"},
    )  # fmt: skip
    lend(600, call())
    assert queries.balance(FUNDS) == Money(0)


@pytest.mark.django_db
def test_a_batch_moves_a_split_account_once_by_its_sum(funds, call):
    funds(100)
    legs = (debit("custodian-cash", Money(90)), credit(FUNDS, Money(50)),
            credit("reserve-fund", Money(40)))  # fmt: skip
    batch = [
        transfer(FUNDS, "wallet:a", 140),
        Journal("capital", "d", transfer("a", "b", 1).value_on, legs),
        transfer("reserve-fund", FUNDS, 25),
    ]
    act(lambda c: post(batch, c), call())
    assert (queries.balance(FUNDS), queries.balance("reserve-fund")) == (Money(35), Money(15))
    no = refused(lambda: act(lambda c: post([*batch, *batch], c), call()))
    assert (no.code, no.facts["account"]) == ("ledger.insufficient-funds", FUNDS)
    laws_hold()


@pytest.mark.django_db
def test_money_goes_between_two_split_accounts(funds, call):
    funds(100)
    act(lambda c: post([transfer(FUNDS, "reserve-fund", 60)], c), call())
    assert queries.balance("reserve-fund") == Money(60)
    no = refused(lambda: act(lambda c: post([transfer(FUNDS, "reserve-fund", 41)], c), call()))
    assert no.facts["available"] == "0.40"
    laws_hold()


@pytest.mark.django_db
def test_nothing_is_held_on_a_split_account(funds, call):
    funds(100)
    no = refused(lambda: act(lambda c: hold(FUNDS, Money(1), "o", c), call()))
    assert no.code == "ledger.never-held"


def test_who_draws_at_once_never_takes_more_than_there_is(live_db, funds, call):
    funds(5_000)
    asked = call()
    answers = at_once(
        *[lambda n=n: lend(300, replace(asked, key=f"lend-{n}"), f"wallet:{'ab'[n % 2]}")
          for n in range(32)]
    )  # fmt: skip
    assert answers.count("ledger.insufficient-funds") == 16
    assert queries.balance(FUNDS) == Money(200)
    assert min(parts()) >= 0
    assert deadlocks() == 0
    laws_hold()


def test_draws_and_inflows_of_any_size_at_once_keep_every_law(live_db, funds, call):
    funds(20_000)
    asked = call()

    def work(worker):
        drawn = random.Random(worker)
        for step in range(120):
            minor = drawn.choice([1, 30, 700, 4_000])
            routes = [(FUNDS, f"wallet:{worker}"), ("custodian-cash", FUNDS),
                      (FUNDS, "reserve-fund"), ("reserve-fund", FUNDS)]  # fmt: skip
            journal = transfer(*drawn.choice(routes), minor)
            # What is short is refused, and nothing else is.
            with suppress(InsufficientFunds):
                act(lambda c, j=journal: post([j], c), replace(asked, key=f"{worker}-{step}"))

    act(lambda c: open_accounts([f"wallet:{n}" for n in range(16)], c), call())
    assert at_once(*[lambda n=n: work(n) for n in range(16)]) == [None] * 16
    assert min(parts()) >= 0
    assert deadlocks() == 0
    laws_hold()


def test_two_who_draw_do_not_wait_for_each_other(live_db, funds, call):
    funds(16_010)
    assert parts()[-1] == 16_010
    # What came in as one sum is spread by whoever keeps the books in order.
    roll_up()
    assert parts()[-16:] == [1_000] * 6 + [1_001] * 10
    draw = """SELECT ledger_post_batch(ARRAY[%s], '{t}', '{d}', '{2026-01-05}', '{1,1}',
                ARRAY['operator-funds', %s], '{-500,500}', '{CNY,CNY}', 'x', now())"""
    with psycopg.connect(live_db.app_url) as one, psycopg.connect(live_db.app_url) as other:
        one.execute(draw, ["one", "wallet:a"])
        other.execute("SET lock_timeout = '1s'")
        other.execute(draw, ["other", "wallet:b"])
        other.commit()
        one.commit()
    assert queries.balance(FUNDS) == Money(15_010)
    assert queries.check_balances().broken == 0
