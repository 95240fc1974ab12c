"""Books that were filled before a transfer lay in one row hold, and go on, after the migration."""

import os

import psycopg
import pytest
from django.core.management import call_command

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.config.places import django_database
from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import JournalLeg
from rongqiao.money.ledger.queries import books as queries
from rongqiao.money.ledger.queries.chain import check_chain
from rongqiao.platform.postgres import launcher
from rongqiao.platform.postgres.connecting import pointed_at
from tests.conftest import Database, as_admin, drop
from tests.money.ledger.closing.conftest import seal
from tests.money.ledger.test_posting import raw_post
from tests.money.ledger.test_transfers import laws_hold, raw_transfer

CODES = "{custodian-cash,suspense,wallet:a,wallet:b}"


@pytest.fixture
def old(postgres, django_db_setup, django_db_blocker):
    """A database with the books as they were, filled, and sealed half-way."""
    name = f"run_{os.getpid()}_old"
    as_admin(postgres, "CREATE DATABASE {} OWNER {}", name, launcher.OWNER)
    database = Database.on(postgres, name)
    with django_db_blocker.unblock(), pointed_at(django_database(database.owner_url)):
        call_command("migrate", "ledger", "0004", interactive=False, verbosity=0)
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            owner.execute("SELECT ledger_open_month('2026-01-01')")
            owner.execute(
                """SELECT ledger_open_accounts(%s, '{asset,liability,liability,liability}',
                     '{CNY,CNY,CNY,CNY}', '{-4611686018427387904,-4611686018427387904,0,0}',
                     '{t,t,f,f}', now(), '{rolled,rolled,plain,plain}')""",
                [CODES],
            )
        yield database
    drop(postgres, name)


def test_old_books_hold_and_go_on(old):
    first = raw_post([("custodian-cash", -1000), ("wallet:a", 1000)], keys=["in"])
    raw_post([("wallet:a", -5), ("wallet:b", 3), ("suspense", 2)], keys=["three"])
    seal(old)
    bring_up_to_date(old.owner_url, old.app_url)
    with pointed_at(django_database(old.app_url)):
        laws_hold()
        kept = JournalLeg.objects.count()
        assert kept == 5
        assert raw_transfer("custodian-cash", "wallet:a", 1000, key="in") == first[0]
        raw_transfer("wallet:a", "wallet:b", 100, key="new")
        assert raw_post([("wallet:a", -5), ("wallet:b", 3), ("suspense", 2)], keys=["four"])
        assert JournalLeg.objects.count() == kept + 3
        lines = queries.statement("wallet:a", limit=2)
        assert [line.amount for line in lines] == [Money(-5), Money(-100)]
        assert lines[0].balance == Money(890)
        assert queries.balance("suspense") == Money(4)
        laws_hold()
        seal(old)
        assert (check_chain().checked, check_chain().broken) == (4, 0)
