"""The chain of journals: sealed in order, and nothing in it can be touched unnoticed."""

import psycopg
import pytest
from django.db import connection

from rongqiao.money.ledger.closing import Link
from rongqiao.money.ledger.operations.closing.seal_books import seal_books
from rongqiao.money.ledger.operations.closing.write_heads import write_heads
from rongqiao.money.ledger.queries.chain import (
    GENESIS,
    chain_head,
    check_chain,
    check_custody_book,
    hash_at,
)
from rongqiao.money.ledger.queries.heads import check_heads
from rongqiao.platform import audit
from tests.money.ledger.closing.conftest import FIRST_DAY, interest, prove, seal


@pytest.fixture
def sealed(live_db, two_months):
    """Five sealed journals; returns their numbers."""
    assert seal(live_db) == 5
    return two_months


@pytest.fixture
def tamper(live_db):
    """Return `tamper(statement)`: run as a superuser past every trigger."""
    url = live_db.server.admin_url.replace("/rongqiao?", f"/{live_db.name}?")

    def run(statement):
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("SET session_replication_role = replica")
            admin.execute(statement)

    return run


def test_journals_are_chained_once_in_the_order_of_their_numbers(live_db, sealed, book):
    links = Link.objects.order_by("position")
    assert [(link.position, link.journal_id) for link in links] == list(enumerate(sealed, 1))
    assert seal_books() == 0
    before = chain_head()
    more = book(interest(1, FIRST_DAY), interest(2, FIRST_DAY))
    assert chain_head() == before
    assert seal(live_db) == 2
    position, head = chain_head()
    assert position == 7
    assert hash_at(7) == head
    assert hash_at(5) == before[1]
    assert hash_at(8) is None
    assert Link.objects.get(pk=7).journal_id == more[1]
    found = check_chain()
    assert (found.checked, found.broken) == (7, 0)


def test_an_empty_chain_has_a_head_and_holds(live_db):
    assert chain_head() == (0, GENESIS.hex())
    assert check_chain().broken == 0


def test_what_was_sealed_does_not_hang_on_the_sessions_settings(sealed):
    with connection.cursor() as cursor:
        cursor.execute("SET TimeZone = 'Pacific/Auckland'; SET DateStyle = 'German'")
        assert check_chain().broken == 0
        cursor.execute("RESET TimeZone; RESET DateStyle")


FIFTH_LEG = """INSERT INTO ledger_leg
  SELECT (jsonb_populate_record(p, '{"leg": 5}')).* FROM ledger_leg p WHERE LEG AND leg = 4"""


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        ("UPDATE ledger_leg SET amount_minor = amount_minor + 1 WHERE LEG AND leg = 3",
         "leg 3 changed"),
        ("UPDATE ledger_leg SET account_id = account_id + 1 WHERE LEG AND leg = 2",
         "leg 2 changed"),
        ("UPDATE ledger_leg SET currency = 'USD' WHERE LEG AND leg = 1",
         "leg 1 changed"),
        ("DELETE FROM ledger_leg WHERE LEG AND leg = 4", "leg 4 removed"),
        (FIFTH_LEG, "leg 5 added"),
        ("UPDATE ledger_journal SET document = 'x' WHERE JOURNAL", "its date, kind, document"),
        ("UPDATE ledger_journal SET kind = 'loa', document = 'n-disbursementloan' WHERE JOURNAL",
         "its date, kind, document"),
        ("UPDATE ledger_journal SET booked_at = booked_at + interval '1 microsecond' WHERE JOURNAL",
         "its date, kind, document"),
        ("UPDATE ledger_journal SET actor = 'user:x' WHERE JOURNAL", "its date, kind, document"),
        ("UPDATE ledger_journal SET reverses_id = 1 WHERE JOURNAL", "its date, kind, document"),
        ("UPDATE ledger_link SET hash = sha256(hash) WHERE LEG", "link 2"),
        ("DELETE FROM ledger_journal WHERE JOURNAL", "removed"),
    ],
)  # fmt: skip
def test_whatever_a_superuser_changes_is_named(sealed, tamper, harm, named):
    number = sealed[1]
    tamper(harm.replace("LEG", f"journal_id = {number}").replace("JOURNAL", f"id = {number}"))
    found = check_chain()
    assert found.broken >= 1
    assert found.examples[0].startswith(f"journal {sealed[1]}: ")
    assert named in found.examples[0]


def test_an_account_that_gets_another_code_breaks_all_its_journals(sealed, tamper):
    tamper("UPDATE ledger_account SET code = 'wallet:c' WHERE code = 'wallet:b'")
    assert check_chain().examples == (f"journal {sealed[3]}: leg 2 changed",)


def test_a_journal_slipped_in_behind_the_chain_is_found(live_db, sealed, book, tamper, call):
    (late,) = book(interest(7, FIRST_DAY))
    seal(live_db)
    tamper(f"DELETE FROM ledger_link WHERE journal_id = {sealed[2]}")
    examples = check_chain().examples
    assert f"journal {sealed[2]}: no link holds it: it was slipped in behind the chain" in examples
    assert any(example.startswith(f"journal {sealed[3]}: link 4 is out of") for example in examples)
    tamper(f"DELETE FROM ledger_link WHERE journal_id >= {late}")
    assert check_chain().broken == 3


def test_heads_outside_the_database_outlast_a_rewritten_chain(
    live_db, sealed, book, tamper, tmp_path
):
    while audit.seal():
        pass
    first = write_heads(FIRST_DAY, tmp_path)
    written = first.read_text()
    assert chain_head()[1] in written
    assert audit.head()[1] in written
    book(interest(9, FIRST_DAY))
    seal(live_db)
    assert write_heads(FIRST_DAY, tmp_path).read_text() == written
    assert (check_heads(tmp_path).checked, check_heads(tmp_path).broken) == (1, 0)
    # The whole history told anew, chain and all: inside the database nothing is wrong any more.
    tamper(f"UPDATE ledger_journal SET document = 'x' WHERE id = {sealed[1]}")
    tamper("DELETE FROM ledger_link")
    seal(live_db)
    assert check_chain().broken == 0
    assert check_heads(tmp_path).examples == (
        "2026-01-05.json: link 5 of the chain of books was another one",
    )
    tamper("DELETE FROM ledger_link")
    tamper("DELETE FROM platform_seal")
    assert len(check_heads(tmp_path).examples) == 2
    first.chmod(0o600)
    first.write_text("{")
    assert check_heads(tmp_path).examples == ("2026-01-05.json: unreadable",)


def test_the_custody_book_balances_by_itself_or_the_journal_is_named(sealed, book, tamper):
    assert check_custody_book().broken == 0
    # Balanced, but client money pays for a loan.
    tamper(
        f"""UPDATE ledger_journal SET source_id =
              (SELECT id FROM ledger_account WHERE code = 'operator-capital')
            WHERE id = {sealed[3]}"""
    )
    found = check_custody_book()
    assert found.examples == (
        "CNY: custody sums to 50000",
        f"journal {sealed[3]}: custody legs sum to 50000",
    )


def test_sealing_goes_on_where_it_stopped(live_db, two_months):
    prove(live_db)
    assert [seal_books(2) for _ in range(4)] == [2, 2, 1, 0]
    assert chain_head()[0] == 5
    assert check_chain().broken == 0
