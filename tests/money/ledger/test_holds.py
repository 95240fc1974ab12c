import time
from datetime import date

import pytest

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations import writers
from rongqiao.money.ledger.operations.capture_hold import capture_hold
from rongqiao.money.ledger.operations.hold import hold
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.release_hold import release_hold
from rongqiao.money.ledger.operations.upkeep.release_expired_holds import (
    ReleaseExpiredHolds,
    release_expired_holds,
)
from rongqiao.money.ledger.queries import books as queries
from rongqiao.platform.refusals import Refusal
from tests.money.ledger.conftest import act, transfer

pytestmark = pytest.mark.django_db


def refusal_of(body, call):
    with pytest.raises(Refusal) as caught:
        act(body, call)
    return caught.value


def held(call, minor=400, lasts=None):
    return act(lambda c: hold("wallet:a", Money(minor), "order", c, lasts), call())[0]


def state(code="wallet:a"):
    found = queries.account_state(code)
    return found.balance.minor, found.held.minor, found.available.minor


def test_a_hold_lowers_what_is_available_and_not_the_balance(books, call):
    books(a=1000)
    held(call)
    assert state() == (1000, 400, 600)
    no = refusal_of(lambda c: post([transfer("wallet:a", "suspense", 601)], c), call())
    assert (no.code, no.facts["available"]) == ("ledger.insufficient-funds", "6.00")
    act(lambda c: post([transfer("wallet:a", "suspense", 600)], c), call())


def test_a_released_hold_can_be_spent_and_ends_once(books, call):
    books(a=1000)
    number = held(call)
    act(lambda c: release_hold(number, c), call())
    assert state() == (1000, 0, 1000)
    no = refusal_of(lambda c: release_hold(number, c), call())
    assert (no.code, no.facts["state"]) == ("ledger.hold-ended", "released")


def test_a_captured_hold_moves_at_most_what_it_held_and_gives_the_rest_back(books, call):
    books(a=1000, b=0)
    number = held(call)
    too_much = transfer("wallet:a", "wallet:b", 401)
    no = refusal_of(lambda c: capture_hold(number, too_much, c), call())
    assert (no.code, no.facts["held"], no.facts["wanted"]) == (
        "ledger.more-than-held", "4.00", "4.01",
    )  # fmt: skip
    act(lambda c: capture_hold(number, transfer("wallet:a", "wallet:b", 300), c), call())
    assert state() == (700, 0, 700)
    assert state("wallet:b")[0] == 300


def test_a_capture_that_takes_nothing_from_the_held_account_is_refused(books, call):
    books(a=1000, b=500)
    number = held(call)
    elsewhere = transfer("wallet:b", "suspense", 5)
    assert refusal_of(lambda c: capture_hold(number, elsewhere, c), call()).code == (
        "ledger.more-than-held"
    )
    assert state() == (1000, 400, 600)


def test_a_capture_may_split_among_many(books, call):
    books(a=1000, b=0)
    number = held(call)
    legs = (debit("wallet:a", Money(400)), credit("wallet:b", Money(390)),
            credit("suspense", Money(10)))  # fmt: skip
    split = Journal("split", "d", date(2026, 1, 5), legs)
    act(lambda c: capture_hold(number, split, c), call())
    assert state("wallet:b")[0] == 390


@pytest.mark.parametrize("minor", [0, -1, 10**15 + 1, 2**63 - 1, 2**70])
def test_a_hold_of_nothing_or_less_or_too_much_is_refused(books, call, minor):
    books(a=1000)
    no = refusal_of(lambda c: hold("wallet:a", Money(minor), "o", c), call())
    assert no.code == "ledger.amount-out-of-range"


def test_unknown_holds_and_accounts_are_refused(books, call):
    books(a=1000)
    assert refusal_of(lambda c: release_hold(77, c), call()).code == "ledger.unknown-hold"
    no = refusal_of(lambda c: hold("wallet:z", Money(1), "o", c), call())
    assert no.code == "ledger.unknown-account"


def test_an_expired_hold_is_not_captured_and_is_swept_free(books, call):
    books(a=1000)
    number = held(call, lasts=0)
    time.sleep(0.01)
    journal = transfer("wallet:a", "suspense", 1)
    assert refusal_of(lambda c: capture_hold(number, journal, c), call()).code == (
        "ledger.hold-expired"
    )
    assert release_expired_holds(ReleaseExpiredHolds(), call()).count == 1
    assert release_expired_holds(ReleaseExpiredHolds(), call()).count == 0
    assert state() == (1000, 0, 1000)


def test_a_hold_that_lasts_is_not_swept(books, call):
    books(a=1000)
    held(call, lasts=3600)
    assert release_expired_holds(ReleaseExpiredHolds(), call()).count == 0


def test_the_same_key_holds_once_and_another_amount_is_refused(books, call):
    books(a=1000)
    first = writers.hold("k", "wallet:a", Money(5), "o", call(), None)
    assert writers.hold("k", "wallet:a", Money(5), "o", call(), None) == first
    with pytest.raises(Refusal) as caught:
        writers.hold("k", "wallet:a", Money(6), "o", call(), None)
    assert caught.value.code == "ledger.key-reused"
    assert state() == (1000, 5, 995)


def test_the_same_key_captures_and_releases_once(books, call):
    books(a=1000, b=0)
    number, other = held(call), held(call)
    journal = transfer("wallet:a", "wallet:b", 400)
    first = writers.capture_hold("k", number, journal, call())
    assert writers.capture_hold("k", number, journal, call()) == first
    writers.release_hold("r", other, call())
    writers.release_hold("r", other, call())
    assert state() == (600, 0, 600)
    with pytest.raises(Refusal) as caught:
        writers.release_hold("r", number, call())
    assert caught.value.code == "ledger.key-reused"
