"""Journals as rows for an accounting system: one row a leg, under its accounting code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.chart_of_accounts import Codes, codes_on

_CHUNK = 2000


@dataclass(frozen=True, kw_only=True)
class ExportRow:
    """One leg of a voucher (记账凭证); one of `debit` and `credit` is zero."""

    journal: int
    leg: int
    value_on: date
    booked_at: datetime
    kind: str
    document: str
    code: str
    title: str
    account: str
    debit: Money
    credit: Money
    actor: str
    reverses: int | None


def export_rows(since: date, until: date) -> Iterator[ExportRow]:
    """Yield every leg of the journals valued from `since` to `until`, in the journals' order.

    Reads in chunks, so that a month of any size passes through little memory. Codes are those in
    force on each value date.
    """
    after, by_date = 0, dict[date, Codes]()
    while rows := _chunk(since, until, after):
        for journal, leg, value_on, booked_at, kind, document, account, minor, *rest in rows:
            currency, actor, reverses = rest
            if value_on not in by_date:
                by_date[value_on] = codes_on(value_on)
            code, title = by_date[value_on].of(account)
            yield ExportRow(
                journal=journal,
                leg=leg,
                value_on=value_on,
                booked_at=booked_at,
                kind=kind,
                document=document,
                code=code,
                title=title,
                account=account,
                debit=Money(max(-minor, 0), currency),
                credit=Money(max(minor, 0), currency),
                actor=actor,
                reverses=reverses,
            )
        after = rows[-1][0]


def _chunk(since: date, until: date, after: int) -> list[tuple[Any, ...]]:
    """Return the legs of the next journals after a number."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT j.id, p.leg, j.value_on, j.booked_at, j.kind, j.document, a.code,
                      p.amount_minor, p.currency, j.actor, j.reverses_id
               FROM (SELECT * FROM ledger_journal
                     WHERE value_on >= %s AND value_on <= %s AND id > %s ORDER BY id LIMIT %s) j
               JOIN ledger_posting p ON p.journal_id = j.id AND p.value_on = j.value_on
               JOIN ledger_account a ON a.id = p.account_id
               ORDER BY j.id, p.leg""",
            [since, until, after, _CHUNK],
        )
        return list(cursor.fetchall())
