"""A superuser rewrites history, and the application tries to: one is found out, one is refused."""

import random

import psycopg
import pytest
from psycopg import sql

from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.refusals import InsufficientFunds
from rongqiao.money.ledger.queries.books import balance, check_balances, check_journals
from rongqiao.money.ledger.queries.chain import check_chain
from rongqiao.platform import clock
from tests.money.ledger.closing.conftest import seal
from tests.money.ledger.conftest import act

SEED = 30
WALLETS = [f"wallet:{name}" for name in "abcdef"]
# The papers that two people sign are no books: the application writes them, and may not delete.
PAPERS = {
    "ledger_period": {"INSERT", "UPDATE"},
    "ledger_periodstep": {"INSERT"},
    "ledger_manualjournal": {"INSERT", "UPDATE"},
    "ledger_codemapping": {"INSERT", "UPDATE"},
}


def move(source, target, minor, document):
    legs = (debit(source, Money(minor)), credit(target, Money(minor)))
    return Journal("transfer", document, clock.business_date(), legs)


def share(source, target, minor, document):
    """A journal of three legs: those of a transfer lie in another table."""
    legs = (debit(source, Money(minor + 1)), credit(target, Money(minor)))
    rest = credit("suspense", Money(1))
    return Journal("payment", document, clock.business_date(), (*legs, rest))


def live(call, drawn, many):
    """Some business: receipts, transfers, payments to two, and a refusal now and then (a gap)."""
    act(lambda c: open_accounts(["custodian-cash", "suspense", *WALLETS], c), call())
    act(lambda c: post([move("custodian-cash", one, 10**8, "in") for one in WALLETS], c), call())
    numbers = []
    for at in range(many):
        source, target = drawn.sample(WALLETS, 2)
        minor = drawn.randint(1, 1000) if at % 10 else 10**12
        try:
            journal = (move, share)[at % 2](source, target, minor, f"d{at}")
            numbers += act(lambda c, posted=journal: post([posted], c), call())
        except InsufficientFunds:
            continue
    return numbers


class Superuser:
    """Somebody with every right, who knows the books and keeps their sums in order."""

    def __init__(self, database, drawn, numbers):
        url = database.server.admin_url.replace("/rongqiao?", f"/{database.name}?")
        self.database = psycopg.connect(url)
        self.database.execute("SET session_replication_role = replica")
        self.drawn, self.numbers = drawn, numbers

    def edit(self):
        """Move a fen more between the two wallets of a journal; return how it must be named."""
        number = self.drawn.choice(self.numbers)
        self._add(number, +1)
        return f"journal {number}: leg 1 changed, leg 2 changed"

    def edit_one_leg(self):
        """Change one leg alone: its amount, or of a transfer its account."""
        number, leg = self.drawn.choice(self.numbers), self.drawn.choice((1, 2))
        done = self.database.execute(
            "UPDATE ledger_leg SET amount_minor = amount_minor + 1"
            " WHERE journal_id = %s AND leg = %s",
            [number, leg],
        )
        if not done.rowcount:
            side = sql.Identifier(("source_id", "target_id")[leg - 1])
            self.database.execute(
                sql.SQL("UPDATE ledger_journal SET {side} = {side} + 1000 WHERE id = %s").format(
                    side=side
                ),
                [number],
            )
        return f"journal {number}: leg {leg} changed"

    def backdate(self):
        """Give a journal another hour."""
        number = self.drawn.choice(self.numbers)
        self.database.execute(
            "UPDATE ledger_journal SET booked_at = booked_at - interval '1 hour' WHERE id = %s",
            [number],
        )
        return f"journal {number}: its date, kind, document, actor or reversal changed"

    def remove(self):
        """Make a journal never have been, balances and all."""
        number = self.drawn.choice(self.numbers)
        self._count(number, -1)
        self.database.execute("DELETE FROM ledger_leg WHERE journal_id = %s", [number])
        self.database.execute("DELETE FROM ledger_journal WHERE id = %s", [number])
        return f"journal {number}: removed"

    def slip_in(self):
        """Put a journal where a refused one left a gap."""
        gaps = sorted(set(range(self.numbers[0], self.numbers[-1])) - set(self.numbers))
        number, like = self.drawn.choice(gaps), self.drawn.choice(self.numbers)
        for table, key in (("ledger_journal", "id"), ("ledger_leg", "journal_id")):
            self.database.execute(
                sql.SQL(
                    """INSERT INTO {table} SELECT (jsonb_populate_record(
                         was, jsonb_build_object({name}, %s::bigint))).*
                       FROM {table} was WHERE {key} = %s"""
                ).format(table=sql.Identifier(table), name=key, key=sql.Identifier(key)),
                [number, like],
            )
        self._count(number, +1)
        return f"journal {number}: no link holds it: it was slipped in behind the chain"

    def _add(self, number, minor):
        self._count(number, -1)
        for change in (
            """UPDATE ledger_leg SET amount_minor = amount_minor + sign(amount_minor) * %s
               WHERE journal_id = %s AND leg <= 2""",
            """UPDATE ledger_journal SET amount_minor = amount_minor + %s
               WHERE id = %s AND source_id <> 0""",
        ):
            self.database.execute(change, [minor, number])
        self._count(number, +1)

    def _count(self, number, sign):
        """Let the accounts' balances follow a journal that comes (1) or goes (-1)."""
        self.database.execute(
            """UPDATE ledger_account a SET balance_minor = a.balance_minor + %s * p.amount_minor
               FROM ledger_posting p WHERE p.journal_id = %s AND p.account_id = a.id""",
            [sign, number],
        )


@pytest.mark.faults(30)
def test_a_superuser_who_keeps_every_sum_in_order_is_named_by_the_chain(
    live_db, call, rounds, told
):
    drawn, many = random.Random(SEED), rounds(500, 40)
    numbers = live(call, drawn, many)
    seal(live_db)
    kinds = (Superuser.edit, Superuser.edit_one_leg, Superuser.backdate, Superuser.remove,
             Superuser.slip_in)  # fmt: skip
    attempts, named, quiet = rounds(200, 15), 0, 0
    backup = {table: f"kept_{table}" for table in ("account", "journal", "leg")}
    somebody = Superuser(live_db, drawn, numbers)
    for table, copy in backup.items():
        somebody.database.execute(f"CREATE TABLE {copy} AS SELECT * FROM ledger_{table}")
    for attempt in range(attempts):
        expected = kinds[attempt % len(kinds)](somebody)
        somebody.database.commit()
        found = check_chain()
        named += found.broken == 1 and found.examples[0].startswith(expected)
        quiet += not check_journals().broken and not check_balances().broken
        for table, copy in backup.items():
            somebody.database.execute(f"DELETE FROM ledger_{table}")
            somebody.database.execute(f"INSERT INTO ledger_{table} SELECT * FROM {copy}")
        somebody.database.commit()
        assert check_chain().broken == 0
    somebody.database.close()

    told(
        30,
        "rows edited, removed, slipped in by a superuser",
        attempts,
        f"row named {named} of {attempts}, {quiet} of them in sound sums",
        "named, all of them",
    )
    assert named == attempts
    assert quiet >= attempts * 3 // 5
    assert balance("custodian-cash") == Money(-len(WALLETS) * 10**8)


def writes(table, column):
    """Every way to write a table, by its right."""
    place = sql.Identifier(table)
    return [
        ("INSERT", sql.SQL("INSERT INTO {} SELECT * FROM {} LIMIT 0").format(place, place)),
        ("INSERT", sql.SQL("INSERT INTO {} DEFAULT VALUES").format(place)),
        ("INSERT", sql.SQL("COPY {} FROM STDIN").format(place)),
        ("UPDATE", sql.SQL("UPDATE {} SET {c} = {c}").format(place, c=sql.Identifier(column))),
        ("UPDATE", sql.SQL("SELECT * FROM {} FOR UPDATE").format(place)),
        ("DELETE", sql.SQL("DELETE FROM {}").format(place)),
        ("DELETE", sql.SQL("DELETE FROM {} WHERE false").format(place)),
        ("TRUNCATE", sql.SQL("TRUNCATE {} CASCADE").format(place)),
        ("OWN", sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(place)),
        ("OWN", sql.SQL("DROP TABLE {} CASCADE").format(place)),
    ]


@pytest.mark.faults(31)
def test_the_application_is_refused_every_write_on_every_table_of_the_books(
    live_db, call, rounds, told
):
    live(call, random.Random(31), 5)
    with psycopg.connect(live_db.owner_url, autocommit=True) as owner:
        for month in range(1, 13):
            owner.execute("SELECT ledger_open_month(make_date(2031, %s, 1))", [month])
        tables = owner.execute(
            """SELECT c.relname, min(a.attname), c.relispartition
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                 AND c.relname LIKE 'ledger\\_%' GROUP BY c.oid ORDER BY 1"""
        ).fetchall()
        sequences = owner.execute(
            """SELECT relname FROM pg_class WHERE relkind = 'S' AND relname LIKE 'ledger\\_%'"""
        ).fetchall()
    attempts = [
        statement
        for table, column, _ in tables
        for right, statement in writes(table, column)
        if right not in PAPERS.get(table, ())
    ]
    attempts += [sql.SQL("SELECT setval({}, 1)").format(name) for (name,) in sequences]
    partitions = sum(is_partition for _, _, is_partition in tables)
    refused, taken = 0, []
    with psycopg.connect(live_db.app_url, autocommit=True) as app:
        for statement in attempts:
            try:
                app.execute(statement)
                taken.append(statement.as_string(app))
            except psycopg.errors.InsufficientPrivilege:
                refused += 1

    told(
        31,
        f"the application writes {len(tables)} tables of the books, {partitions} partitions",
        len(attempts),
        f"permission denied {refused} of {len(attempts)}",
        "permission denied, 100 %",
    )
    assert taken == []
    assert refused == len(attempts)
    assert partitions == 2 * 12 + 2
