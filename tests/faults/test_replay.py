"""Every command of the platform's days, in order, on an empty database: the same books to the byte.

The commands are taken down as they are carried out, those of handlers and of the end of day too;
what the replay leaves out is everything that is not a command: relay, clocks, chance.
"""

import itertools
import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from rongqiao.cli.eod import catch_up
from rongqiao.cli.verify import check_all
from rongqiao.config.places import django_database
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.repaying.repay import Repay, repay
from rongqiao.money.ledger.queries.books import trial_balance
from rongqiao.platform import audit, operations
from rongqiao.platform.clock import business_date, running_on
from rongqiao.platform.ids import drawing_from
from rongqiao.platform.models import BusinessDate
from rongqiao.platform.operations import operation
from rongqiao.platform.postgres.connecting import pointed_at
from rongqiao.platform.relay import drain, parked
from tests.conftest import FIRST_DAY
from tests.makers import journeys
from tests.makers.loans import PayIn, pay_in

# Past the first instalments' due date.
LAST_DAY = date(2026, 2, 10)
# What people are known by is written by the log-in, not by a command.
TAKEN_ALONG = ("parties_user",)
BOOKS = """
SELECT 'account' AS what, code AS a, family AS b, held_minor::text AS c, '' AS d, '' AS e
FROM ledger_account
UNION ALL SELECT 'hold', id::text, amount_minor::text, document, state, expires_at::text
FROM ledger_hold
UNION ALL SELECT 'journal', id::text, kind, document, value_on || ' ' || booked_at, actor
FROM ledger_journal
UNION ALL SELECT 'leg', journal_id || '/' || leg, a.code, amount_minor::text, p.currency, ''
FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id
UNION ALL SELECT 'key', key, encode(request_hash, 'hex'), about, answer::text, '' FROM ledger_key
ORDER BY 1, 2, 3"""


@dataclass(frozen=True)
class Taken:
    """One command as it was carried out."""

    name: str
    restore: type
    body: Any
    command: Any
    call: Any


def chance_of(name, call):
    """Ids are drawn from the command's own key, so that the replay draws the same."""
    return drawing_from(random.Random(f"{name}|{call.actor}|{call.key}"))


@pytest.fixture
def taken(monkeypatch):
    """Every command that is carried out, in order."""
    found, once = [], operations._once

    def take(name, restore, body, command, call):
        with chance_of(name, call):
            result = once(name, restore, body, command, call)
        found.append(Taken(name, restore, body, command, call))
        return result

    monkeypatch.setattr(operations, "_once", take)
    return found


def live(call, clock, count):
    """Some weeks: loans are applied for, signed and lent, days close, borrowers pay."""
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    borrowers = [journeys.make_borrower(call, number) for number in range(1, count + 1)]
    for borrower in borrowers:
        journeys.signed_loan(call, clock, borrower)
        drain(SUBSCRIBERS)
        pay_in(PayIn(party=borrower.party_id, amount=Money.yuan("3000.00")), call())
    clock.move(timedelta(days=(LAST_DAY - FIRST_DAY).days))
    catch_up(LAST_DAY)
    for borrower in borrowers[::2]:
        pay(call, borrower)
    drain(SUBSCRIBERS)
    catch_up(LAST_DAY + timedelta(days=1))
    assert parked() == []


def pay(call, borrower):
    loan = Loan.objects.get(party_id=borrower.party_id)
    rows = loan.instalments.filter(is_due=True, settled_on=None)
    due = sum(
        row.principal_minor + row.interest_charged_minor + row.fee_charged_minor for row in rows
    )
    repay(
        Repay(loan_id=loan.pk, party_id=borrower.party_id, amount=Money(due)),
        call(actor=borrower.actor),
    )


def books():
    """Return the trial balance and everything below it, as text."""
    lines = [f"{line.code} {line.debit.minor} {line.credit.minor}" for line in trial_balance()]
    with connection.cursor() as cursor:
        cursor.execute(BOOKS)
        return "\n".join([*lines, *("|".join(map(str, row)) for row in cursor.fetchall())]).encode()


def rows_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT json_agg(t)::text FROM {table} t")
        return cursor.fetchone()[0]


def put(table, rows):
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, %s)", [rows]
        )


@pytest.mark.faults(36)
def test_all_commands_again_on_an_empty_database_make_the_same_books_to_the_byte(
    live_db, clock, call, settings, taken, fresh_database, rounds, told, monkeypatch
):
    settings.OPERATOR_ROLE = "microloan_company"
    live(call, clock, rounds(40, 2))
    audit.seal()
    first, head, day = books(), audit.head(), business_date()
    along = {table: rows_of(table) for table in TAKEN_ALONG}
    monkeypatch.undo()

    again = fresh_database()
    connection.close()
    with pointed_at(django_database(again.app_url)), running_on(clock):
        BusinessDate.objects.update_or_create(pk=1, defaults={"on": FIRST_DAY})
        for table, rows in along.items():
            put(table, rows)
        for one in taken:
            clock.instant = one.call.at
            with chance_of(one.name, one.call):
                operation(one.name, one.restore)(one.body)(one.command, one.call)
        audit.seal()
        second, again_head, again_day = books(), audit.head(), business_date()
        broken = [law for law in check_all() if law.broken]
        connection.close()
    told(
        36,
        f"{(LAST_DAY - FIRST_DAY).days + 1} days' commands on an empty database",
        len(taken),
        f"{len(first):,} bytes of books, equal; chain heads equal",
        "byte-identical trial balance",
    )
    pairs = itertools.zip_longest(first.splitlines(), second.splitlines())
    differing = [pair for pair in pairs if pair[0] != pair[1]]
    assert differing == []
    assert (again_head, again_day) == (head, day)
    assert broken == []
