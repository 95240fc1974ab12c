"""The ground of `rongqiao bench eod`: a durable server with generated loans and books to match.

The loans are made up by arithmetic, none is a customer's: four ways to repay, 3 to 12 instalments,
due days spread over the whole month, one loan in 25 with up to four instalments unpaid. History is
condensed: one line of the sub-ledger a loan for all that it owes as the first day begins.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
from django.apps import apps
from django.db import connection
from psycopg import sql

from rongqiao.cli.migrate import bring_up_to_date
from rongqiao.config.places import django_database
from rongqiao.finance.bookkeeping import Journal, credit, debit
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.operations.end_of_day.open_first_day import (
    OpenFirstDay,
    open_first_day,
)
from rongqiao.money.ledger.operations.open_accounts import open_accounts
from rongqiao.money.ledger.operations.post import post
from rongqiao.money.ledger.operations.upkeep.open_months import open_months
from rongqiao.platform.operations import Call, operation
from rongqiao.platform.postgres import launcher
from rongqiao.platform.postgres.connecting import pointed_at

# The first business date to close; two days later the month ends. On the second, the due days 28
# to 31 fall together.
FIRST = date(2026, 2, 26)
MOST_TERMS = 12
PRODUCTS = ("equal_instalment", "equal_principal", "interest_only", "bullet")
CAPITAL = "operator-capital"
ACCOUNTS = (
    "loan-principal",
    "interest-receivable",
    "interest-income",
    "penalty-receivable",
    "penalty-income",
    "fee-receivable",
    "fee-income",
)
AT = datetime(2026, 2, 26, 4, tzinfo=UTC)
_FILL = (Path(__file__).parent / "eod_fill.sql").read_text()
_PAY = (Path(__file__).parent / "eod_pay.sql").read_text()


@dataclass(frozen=True, kw_only=True)
class Fill:
    """Post in the books what the generated loans owe."""

    on: date


@dataclass(frozen=True, kw_only=True)
class Filled:
    """How many journals were posted."""

    journals: int


@contextmanager
def server_with_tables() -> Iterator[launcher.Server]:
    """Make a durable server with empty tables, and take it away at the end."""
    with tempfile.TemporaryDirectory(prefix="rongqiao-bench-") as name:
        server = launcher.start(Path(name) / "postgres")
        try:
            bring_up_to_date(server.owner_url, server.app_url)
            yield server
        finally:
            server.stop()


@contextmanager
def portfolio(server: launcher.Server, loans: int, terms: int = MOST_TERMS) -> Iterator[Path]:
    """Fill a database of its own with `loans` loans and point Django at it.

    None has more than `terms` instalments.

    Yields the folder for the heads of the chains; the database is dropped at the end.
    """
    name = f"eod_{loans}"
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        template = sql.Identifier(launcher.DATABASE)
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), template, sql.Identifier(launcher.OWNER)
            )
        )
    with psycopg.connect(launcher.address(server.owner_url, name), autocommit=True) as owner:
        owner.execute("SELECT set_config('bench.loans', %s, false)", [str(loans)])
        owner.execute("SELECT set_config('bench.first', %s, false)", [FIRST.isoformat()])
        owner.execute("SELECT set_config('bench.terms', %s, false)", [str(terms)])
        _default_columns(owner)
        owner.execute(_FILL)
        owner.execute("VACUUM ANALYZE")
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute("CHECKPOINT")
    with pointed_at(django_database(launcher.address(server.app_url, name))):
        try:
            open_first_day(OpenFirstDay(on=FIRST), _call("first"))
            open_months(FIRST)
            post_opening(Fill(on=FIRST), _call("opening"))
            yield server.directory.parent / f"heads-{loans}"
        finally:
            connection.close()
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _default_columns(owner: psycopg.Connection) -> None:
    """Let the database know the tables' defaults, so that the filling need not name them."""
    for model in (apps.get_model("servicing", name) for name in ("Loan", "Instalment")):
        for column in model._meta.concrete_fields:
            if column.has_default():
                owner.execute(
                    sql.SQL("ALTER TABLE {} ALTER {} SET DEFAULT {}").format(
                        sql.Identifier(model._meta.db_table),
                        sql.Identifier(column.column),
                        sql.Literal(column.get_default()),
                    )
                )


@operation("bench.post-opening", restore=Filled)
def post_opening(command: Fill, call: Call) -> Filled:
    """Give the books what the loans owe as the first day begins."""
    codes = [f"{name}:{product}" for name in ACCOUNTS for product in PRODUCTS]
    open_accounts([CAPITAL, *codes], call)
    journals = [
        _moved(product, principal, interest, command.on) for product, principal, interest in _owed()
    ]
    post(journals, call)
    return Filled(journals=len(journals))


@operation("bench.pay", restore=Filled)
def pay_what_is_due(command: Fill, call: Call) -> Filled:
    """Pay every due instalment but those of the one borrower in 25 who never pays."""
    with connection.cursor() as cursor:
        cursor.execute(_PAY, {"on": command.on, "at": call.at})
        paid = cursor.fetchall()
    journals = [
        _moved(product, -principal, -interest, command.on) for product, principal, interest in paid
    ]
    if journals:
        post(journals, call)
    return Filled(journals=len(journals))


def _moved(product: str, principal: int, interest: int, on: date) -> Journal:
    """More owed, or less where negative, against the operator's capital."""
    make = debit if principal >= 0 else credit
    against = credit if principal >= 0 else debit
    legs = (
        make(f"loan-principal:{product}", Money(abs(principal))),
        make(f"interest-receivable:{product}", Money(abs(interest))),
        against(CAPITAL, Money(abs(principal + interest))),
    )
    return Journal("generated", f"{product}-{on}", on, legs)


def pay(on: date) -> None:
    """Pay what is due on business date `on`; outside what is measured."""
    pay_what_is_due(Fill(on=on), _call(f"pay:{on}"))


def _owed() -> list[tuple[str, int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT product_code, sum(principal_outstanding_minor)::bigint,
                 sum(interest_outstanding_minor)::bigint
               FROM servicing_loan GROUP BY 1 ORDER BY 1"""
        )
        return list(cursor.fetchall())


def _call(key: str) -> Call:
    return Call(actor="system:bench", key=key, at=AT, on=FIRST)
