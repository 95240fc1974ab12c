"""Journals and postings lie by the month of their value date, guarded alike everywhere."""

from datetime import date

import psycopg
import pytest

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.reverse import reverse
from rongqiao.money.ledger.operations.upkeep.open_months import open_months
from rongqiao.money.ledger.queries import books as queries
from tests.money.ledger.conftest import act
from tests.money.ledger.threads import laws_hold


@pytest.fixture
def owner(live_db):
    with psycopg.connect(live_db.owner_url, autocommit=True) as connected:
        yield connected


@pytest.fixture
def counted(owner):
    """Return `counted(suffix, ...)`: how many journals and legs lie in those partitions."""

    def count(*suffixes):
        return [
            tuple(
                owner.execute(f"SELECT count(*) FROM ledger_{table}_{suffix}").fetchone()[0]
                for table in ("journal", "leg")
            )
            for suffix in suffixes
        ]

    return count


def pay(call, on, minor=5):
    legs = (debit("wallet:a", Money(minor)), credit("wallet:b", Money(minor - 1)))
    journal = Journal("payment", "test", on, (*legs, credit("suspense", Money(1))))
    return act(lambda c: post([journal], c), call())[0]


def test_a_journal_of_an_open_month_lies_in_that_month(live_db, books, call, counted):
    books(a=1000, b=0)
    assert open_months(date(2026, 2, 28)) == 3
    days = [date(2026, 2, 1), date(2026, 2, 28), date(2026, 4, 30), date(2027, 1, 1)]
    numbers = [pay(call, on) for on in days]
    assert counted("2026_02", "2026_03", "2026_04") == [(2, 6), (0, 0), (1, 3)]
    assert counted("default") == [(2, 3)]
    assert [line.value_on for line in queries.statement("wallet:b")] == days[::-1]
    assert [queries.get_journal(number).value_on for number in numbers] == days
    laws_hold()


def test_months_are_opened_once_and_one_in_use_is_left_where_it_is(live_db, books, call, counted):
    books(a=1000, b=0)
    # January has journals in the default partition.
    assert open_months(date(2026, 1, 31)) == 2
    assert open_months(date(2026, 1, 31)) == 0
    assert open_months(date(2026, 11, 30)) == 3
    assert open_months(date(2026, 12, 1)) == 1
    pay(call, date(2026, 1, 31))
    assert counted("default", "2026_12", "2027_01", "2027_02")[0] == (2, 3)
    laws_hold()


@pytest.mark.parametrize("day", [date(1989, 12, 31), date(2200, 1, 1)])
def test_no_month_is_opened_that_nobody_will_live_in(live_db, owner, day):
    assert owner.execute("SELECT ledger_open_month(%s)", [day]).fetchone() == (False,)


def test_a_journal_is_reversed_in_another_month_and_once(live_db, books, call):
    books(a=1000, b=0)
    open_months(date(2026, 1, 5))
    number = pay(call, date(2026, 3, 3))
    (back,) = act(lambda c: reverse(number, "mistake", c), call())
    assert queries.get_journal(number).reversed_by == back
    assert queries.balance("wallet:a") == Money(1000)
    laws_hold()


@pytest.mark.parametrize("table", ["ledger_journal", "ledger_leg"])
def test_each_month_refuses_its_owner_what_the_books_refuse(live_db, books, call, owner, table):
    books(a=1000, b=0)
    open_months(date(2026, 2, 1))
    pay(call, date(2026, 2, 2))
    month = f"{table}_2026_02"
    for attempt in (
        f"DELETE FROM {month}",
        f"TRUNCATE {month}",
        f"UPDATE {month} SET value_on = value_on",
    ):
        with pytest.raises(psycopg.DatabaseError) as caught:
            owner.execute(attempt.format(month))
        assert caught.value.sqlstate == "RQ001"


def test_each_month_proves_what_its_owner_puts_into_it(live_db, books, owner):
    books(a=1000, b=0)
    open_months(date(2026, 2, 1))
    with pytest.raises(psycopg.DatabaseError) as caught:
        owner.execute(
            """INSERT INTO ledger_leg_2026_02
                 (journal_id, leg, account_id, amount_minor, currency, value_on)
               VALUES (9, 1, 1, -5, 'CNY', '2026-02-01'), (9, 2, 2, 4, 'CNY', '2026-02-01')"""
        )
    assert caught.value.sqlstate == "RQ105"


def test_the_application_reaches_a_month_through_the_books_alone(live_db, books, call):
    books(a=1000, b=0)
    open_months(date(2026, 2, 1))
    with psycopg.connect(live_db.app_url, autocommit=True) as app:
        for attempt in (
            "SELECT * FROM ledger_leg_2026_02",
            "DROP TABLE ledger_leg_2026_02",
            "INSERT INTO ledger_journal_2026_02 SELECT * FROM ledger_journal",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(attempt)
