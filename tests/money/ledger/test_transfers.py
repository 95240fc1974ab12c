"""A journal from one account to another, posted alone: the same as in a batch, in one row."""

from datetime import date

import psycopg
import pytest
from django.db import connection, transaction

from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Journal as JournalRow
from rongqiao.money.ledger.models import JournalLeg
from rongqiao.money.ledger.queries import books as queries
from rongqiao.money.ledger.queries.chain import check_chain
from tests.money.ledger.closing.conftest import seal
from tests.money.ledger.test_posting import raw_code, raw_post

ON = date(2026, 1, 5)


def raw_transfer(source, target, amount, key="raw", currency="CNY", on=ON):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT ledger_post_transfer(%s, 'raw', 'doc', %s, %s, %s, %s, %s, 'test',
                      '2026-01-05T04:00Z')""",
            [key, on, source, target, amount, currency],
        )
        return cursor.fetchone()[0]


def laws_hold():
    for check in (queries.check_journals, queries.check_balances, queries.check_floors):
        assert check().broken == 0, check()


def refusal(*asked, **options):
    with pytest.raises(Exception, match="ledger") as caught, transaction.atomic():
        raw_transfer(*asked, **options)
    return caught.value.__cause__.diag.message_primary


@pytest.mark.parametrize(("source", "target"), [("a", "b"), ("b", "a"), ("a", "c"), ("c", "a")])
def test_a_transfer_and_a_batch_of_it_are_the_same_request(books, source, target):
    books(a=1000, b=1000, c=1000)
    source, target = f"wallet:{source}", f"wallet:{target}"
    number = raw_transfer(source, target, 5, key="one")
    assert raw_post([(source, -5), (target, 5)], keys=["one"]) == [number]
    (batched,) = raw_post([(source, -7), (target, 7)], keys=["two"])
    assert raw_transfer(source, target, 7, key="two") == batched
    assert raw_transfer(source, target, 8, key="two") is None
    assert raw_transfer(source, target, 7, key="two", on=date(2026, 1, 6)) is None
    assert raw_post([(source, -8), (target, 8)], keys=["one"]) == [None]
    assert queries.balance(source) == Money(988)
    laws_hold()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (("wallet:a", "wallet:b", 0), "ledger.amount-out-of-range"),
        (("wallet:a", "wallet:b", -5), "ledger.amount-out-of-range"),
        (("wallet:a", "wallet:b", None), "ledger.amount-out-of-range"),
        (("wallet:a", "wallet:b", 10**15 + 1), "ledger.amount-out-of-range"),
        (("wallet:a", "wallet:a", 5), "ledger.unbalanced"),
        (("wallet:a", "wallet:b", 1001), "ledger.insufficient-funds"),
        (("wallet:b", "wallet:a", 1), "ledger.insufficient-funds"),
        (("wallet:a", "wallet:x", 5), "ledger.unknown-account"),
        (("wallet:x", "wallet:a", 5), "ledger.unknown-account"),
    ],
)
def test_a_transfer_that_cannot_be_is_refused_and_leaves_nothing(books, asked, code):
    books(a=1000, b=0)
    assert refusal(*asked) == code
    assert JournalRow.objects.count() == 1
    assert queries.balance("wallet:a") == Money(1000)
    laws_hold()


def test_a_transfer_in_another_currency_or_in_a_closed_month_is_refused(books):
    books(a=1000, b=0)
    assert refusal("wallet:a", "wallet:b", 5, currency="USD") == "ledger.currency"
    assert refusal("wallet:a", "wallet:b", 5, on=date(1999, 12, 31)) == "ledger.period-closed"
    legs = [("wallet:a", -5), ("wallet:b", 5)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT value_on FROM ledger_journal")
        assert cursor.fetchone() == (ON,)
    assert raw_code([*legs, ("wallet:a", 5), ("wallet:b", -5)], journals=[1, 1, 3, 3])[1] == (
        "ledger.unbalanced"
    )
    laws_hold()


def test_a_batch_keeps_transfers_in_one_row_and_other_journals_by_their_legs(live_db, books):
    books(a=1000, b=1000)
    legs = [
        ("wallet:a", -5), ("wallet:b", 5),
        ("wallet:a", 3), ("wallet:b", -3),
        ("wallet:b", -2), ("wallet:a", 1), ("suspense", 1),
        ("wallet:b", -4), ("custodian-cash", 4),
    ]  # fmt: skip
    numbers = raw_post(legs, keys=["k1", "k2", "k3", "k4"], journals=[1, 1, 2, 2, 3, 3, 3, 4, 4])
    kept = {leg.journal_id for leg in JournalLeg.objects.all()}
    assert kept == {numbers[1], numbers[2]}
    assert [
        [(leg.account, leg.amount.minor) for leg in queries.get_journal(number).legs]
        for number in numbers
    ] == [legs[:2], legs[2:4], legs[4:7], legs[7:]]
    assert queries.balance("wallet:b") == Money(1000 + 5 - 3 - 2 - 4)
    laws_hold()
    seal(live_db)
    assert (check_chain().checked, check_chain().broken) == (6, 0)


def test_legs_of_a_batch_may_come_in_any_order(books):
    books(a=1000, b=1000, c=1000)
    legs = [("wallet:a", -5), ("wallet:b", -7), ("wallet:c", 7), ("wallet:b", 5)]
    one, other = raw_post(legs, keys=["k1", "k2"], journals=[1, 2, 2, 1])
    assert [leg.account for leg in queries.get_journal(one).legs] == ["wallet:a", "wallet:b"]
    assert [leg.account for leg in queries.get_journal(other).legs] == ["wallet:b", "wallet:c"]
    laws_hold()


@pytest.mark.parametrize(
    "given",
    [
        "source_id, target_id, amount_minor) SELECT 1, 2, 5",
        "source_id) SELECT 1",
        "amount_minor, currency) SELECT 5, 'CNY'",
    ],
)
def test_half_a_transfer_is_refused_from_the_owner_too(live_db, books, given):
    books(a=1000, b=0)
    columns, values = given.split(") SELECT ")
    with (
        psycopg.connect(live_db.owner_url, autocommit=True) as owner,
        pytest.raises(psycopg.errors.NotNullViolation),
    ):
        owner.execute(
            f"""INSERT INTO ledger_journal (id, kind, document, value_on, booked_at, actor,
                  {columns}) SELECT 9, 'k', 'd', '2026-01-05', now(), 'x', {values}"""
        )


def test_an_account_gives_up_its_room_with_its_first_change(books):
    books(a=0, b=0)
    assert rooms() == {80}
    raw_transfer("custodian-cash", "wallet:a", 1000)
    assert raw_transfer("wallet:a", "wallet:b", 100, key="next")
    assert rooms() == {0}


def rooms():
    """How many bytes the two wallets keep for changes to come."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT octet_length(room) FROM ledger_account WHERE code IN ('wallet:a', 'wallet:b')"
        )
        return {size for (size,) in cursor.fetchall()}
