"""An amount among many: to the fen, by the rule of finance/allocation.py, in one journal."""

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongqiao.finance.allocation import split_largest_remainder
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations import writers
from rongqiao.money.ledger.operations.distribute import distribute
from rongqiao.money.ledger.operations.writers import Distribution
from rongqiao.money.ledger.queries import books as queries
from rongqiao.platform.refusals import Refusal
from tests.conftest import Database
from tests.money.ledger.conftest import act, transfer
from tests.money.ledger.threads import laws_hold

pytestmark = pytest.mark.django_db

weights = st.one_of(st.integers(0, 9), st.integers(0, 10**9), st.integers(0, 2**63 - 1))
cases = st.tuples(
    st.one_of(st.integers(1, 999), st.integers(1, 10**15)),
    st.lists(weights, min_size=1, max_size=60).filter(any),
)


def asked(amount, holders, source="wallet:payer"):
    return Distribution(
        kind="repayment",
        document="L-1",
        value_on=transfer("a", "b", 1).value_on,
        source=source,
        amount=Money(amount),
        holders=tuple(holders),
    )


def given_out(call, request):
    """Distribute inside an operation; the journal and the shares in fen."""
    done = []
    act(lambda c: done.append(distribute(request, c)), call)
    return done[0].journal, [share.minor for share in done[0].shares]


def refusal_of(call, request):
    with pytest.raises(Refusal) as caught:
        given_out(call, request)
    return caught.value


def test_a_repayment_reaches_every_holder_in_one_journal(books, call):
    books(payer=1000, a=0, b=0, c=0)
    holders = [("wallet:a", 1), ("wallet:b", 1), ("wallet:c", 1)]
    journal, shares = given_out(call(), asked(1000, holders))
    assert shares == [334, 333, 333]
    told = queries.get_journal(journal)
    assert [(leg.account, leg.amount.minor) for leg in told.legs] == [
        ("wallet:payer", -1000), ("wallet:a", 334), ("wallet:b", 333), ("wallet:c", 333),
    ]  # fmt: skip
    laws_hold()


def test_who_gets_nothing_has_no_leg_and_who_holds_twice_has_two(books, call):
    books(payer=10, a=0, b=0)
    holders = [("wallet:a", 5), ("wallet:b", 0), ("wallet:a", 4), ("wallet:b", 1)]
    journal, shares = given_out(call(), asked(10, holders))
    assert shares == [5, 0, 4, 1]
    assert len(queries.get_journal(journal).legs) == 4
    assert queries.balance("wallet:a") == Money(9)
    laws_hold()


def test_the_same_key_shares_once_and_other_weights_are_refused(books, call):
    books(payer=1000, a=0, b=0)
    first = writers.distribute("k", asked(100, [("wallet:a", 1), ("wallet:b", 2)]), call())
    assert writers.distribute("k", asked(100, [("wallet:a", 1), ("wallet:b", 2)]), call()) == first
    with pytest.raises(Refusal) as caught:
        writers.distribute("k", asked(100, [("wallet:a", 2), ("wallet:b", 1)]), call())
    assert caught.value.code == "ledger.key-reused"
    assert queries.balance("wallet:payer") == Money(900)


@pytest.mark.parametrize(
    ("amount", "holders", "code"),
    [
        (0, [("wallet:a", 1)], "ledger.amount-out-of-range"),
        (-5, [("wallet:a", 1)], "ledger.amount-out-of-range"),
        (10**15 + 1, [("wallet:a", 1)], "ledger.amount-out-of-range"),
        (5, [], "ledger.weights"),
        (5, [("wallet:a", 0)], "ledger.weights"),
        (5, [("wallet:a", 3), ("wallet:b", -1)], "ledger.weights"),
        (5, [("wallet:nobody", 1)], "ledger.unknown-account"),
        (1001, [("wallet:a", 1)], "ledger.insufficient-funds"),
    ],
)
def test_what_cannot_be_shared_is_refused(books, call, amount, holders, code):
    books(payer=1000, a=0, b=0)
    assert refusal_of(call(), asked(amount, holders)).code == code
    assert queries.balance("wallet:payer") == Money(1000)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(case=cases)
def test_shares_are_those_of_the_reference_to_the_fen(db_shares, case):
    amount, given_weights = case
    shares = db_shares(amount, given_weights)
    reference = split_largest_remainder(Money(amount), given_weights)
    assert shares == [share.minor for share in reference]
    assert sum(shares) == amount
    whole = sum(given_weights)
    for share, weight in zip(shares, given_weights, strict=True):
        assert abs(share * whole - amount * weight) < whole


@pytest.fixture
def db_shares(template, postgres):
    """Return the shares as the database reckons them (its owner may ask for them alone)."""
    with psycopg.connect(Database.on(postgres, template).owner_url, autocommit=True) as owner:
        yield lambda amount, given_weights: owner.execute(
            "SELECT ledger_shares(%s, %s::bigint[])", [amount, given_weights]
        ).fetchone()[0]
