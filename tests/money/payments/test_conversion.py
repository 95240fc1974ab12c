"""Withdrawals paid by hand become orders: nothing is lost, holds stand, payees are frozen."""

import json
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from rongqiao.config.places import django_database
from rongqiao.platform.crypto import decrypt, encrypt
from rongqiao.platform.postgres.connecting import pointed_at
from tests.conftest import Database, as_admin, drop
from tests.parties.people import card

AT = datetime(2026, 1, 5, 4, 0, tzinfo=UTC)
LATER = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
BEFORE = [("payments", "0001_initial")]
AFTER = [("payments", "0002_orders")]


@pytest.fixture
def old_database(postgres, django_db_blocker):
    """A database as it was before orders."""
    name = "run_before_orders"
    drop(postgres, name)
    as_admin(postgres, "CREATE DATABASE {} OWNER {}", name, "rongqiao_owner")
    database = Database.on(postgres, name)
    with django_db_blocker.unblock(), pointed_at(django_database(database.owner_url)):
        MigrationExecutor(connection).migrate([*BEFORE, ("ledger", "0001_initial")])
        yield database
        connection.close()
    drop(postgres, name)


def identifier(number):
    return UUID(int=number)


def fill(apps):
    """Three withdrawals: one waits, one was paid, one rejected."""
    party = apps.get_model("parties", "Party").objects.create(
        id=identifier(1), kind="person", registered_at=AT
    )
    account_id = identifier(2)

    def sealed(text, column):
        return encrypt(text, table="parties_bankaccount", column=column, row=account_id)

    account = apps.get_model("parties", "BankAccount").objects.create(
        id=account_id,
        party=party,
        bank_name="中国工商银行",
        holder_sealed=sealed("王小明", "holder_sealed"),
        number_sealed=sealed(card(1), "number_sealed"),
        number_index=b"x" * 32,
        is_luhn_valid=True,
        added_at=AT,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_journal (kind, document, value_on, booked_at, actor)
               VALUES ('withdrawal', 'WD2', '2026-01-06', %s, 'user:b') RETURNING id""",
            [AT],
        )
        (journal,) = cursor.fetchone()
    withdrawals = apps.get_model("payments", "Withdrawal").objects
    for number, state, changes in (
        (1, "registered", {}),
        (2, "confirmed", {"decided_by": "user:b", "decided_at": LATER, "bank_serial": "OUT-2"}),
        (3, "rejected", {"decided_by": "user:b", "decided_at": LATER, "reject_reason": "资料不符"}),
    ):
        withdrawals.create(
            id=identifier(10 + number),
            number=f"WD{number}",
            party=party,
            bank_account=account,
            amount_minor=100 * number,
            hold_id=number,
            state=state,
            registered_by="user:a",
            registered_at=LATER,
            **changes,
        )
    return journal


def test_withdrawals_paid_by_hand_become_orders(old_database):
    journal = fill(MigrationExecutor(connection).loader.project_state(BEFORE).apps)
    executor = MigrationExecutor(connection)
    executor.migrate(AFTER)
    apps = executor.loader.project_state(AFTER).apps
    orders = {one.number: one for one in apps.get_model("payments", "PaymentOrder").objects.all()}
    assert {
        number: (one.state, one.amount_minor, one.hold_id) for number, one in orders.items()
    } == {"WD1": ("created", 100, 1), "WD2": ("succeeded", 200, 2), "WD3": ("cancelled", 300, 3)}
    waits, paid, refused = (orders[f"WD{number}"] for number in (1, 2, 3))
    assert (waits.needs_approval, waits.approved_by, waits.next_try_at) == (True, "", None)
    assert waits.created_on == date(2026, 1, 6)  # Half past two at night in China.
    assert (paid.bank_serial, paid.journal, paid.settled_on, paid.approved_by) == (
        "OUT-2",
        journal,
        date(2026, 1, 6),
        "user:b",
    )
    assert (refused.reason, refused.ended_at) == ("资料不符", LATER)
    payee = decrypt(
        waits.payee_sealed, table="payments_paymentorder", column="payee_sealed", row=waits.pk
    )
    assert json.loads(payee) == {
        "bank_name": "中国工商银行",
        "holder": "王小明",
        "number": card(1),
    }
    steps = apps.get_model("payments", "OrderStep").objects
    assert steps.filter(order_id=paid.pk).count() == 2
    cards = apps.get_model("payments", "BoundCard").objects
    assert [one.state for one in cards.all()] == ["pending"]
    assert "payments_withdrawal" not in connection.introspection.table_names()
