"""An account's statement for a period: what it opened and closed with, and the lines asked for.

Lines stand in the order of their value dates, then as they were booked; every line tells the
balance after it. Opening balance and all lines of a period make its closing balance, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Account, Hold
from rongqiao.money.ledger.queries.books import StatementLine, UnknownAccount

# Where a page ended: value date, journal and leg of its last line.
Mark = tuple[date, int, int]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines: both dates included; `direction` is in, out or empty.

    `text` is part of a document's number; a line of one of `text_kinds` fits the text as well.
    """

    since: date | None = None
    until: date | None = None
    direction: str = ""
    kinds: tuple[str, ...] = ()
    text: str = ""
    text_kinds: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Period:
    """A period of an account: its balances, and count and sums of the lines that were wanted.

    `opening` + everything that came in - everything that went out = `closing`; `money_in` and
    `money_out` are of the wanted lines alone, both above zero.
    """

    opening: Money
    closing: Money
    count: int
    money_in: Money
    money_out: Money


@dataclass(frozen=True, kw_only=True)
class MarkedLine(StatementLine):
    """A line of the statement that can be gone on from."""

    leg: int

    @property
    def mark(self) -> Mark:
        """Return the place of this line."""
        return self.value_on, self.journal, self.leg


@dataclass(frozen=True, kw_only=True)
class DayBalance:
    """An account's balance when a day with movements was over."""

    on: date
    balance: Money


@dataclass(frozen=True, kw_only=True)
class OpenHold:
    """Money set aside, and for which document."""

    document: str
    amount: Money
    made_at: datetime


_MOVED = """
  FROM ledger_posting p JOIN ledger_journal j ON j.id = p.journal_id
  WHERE p.account_id = %(account)s
"""
_FITS = """(%(since)s::date IS NULL OR value_on >= %(since)s)
  AND (%(until)s::date IS NULL OR value_on <= %(until)s)
  AND (%(sign)s = 0 OR sign(amount_minor) = %(sign)s)
  AND (cardinality(%(kinds)s::text[]) = 0 OR kind = ANY (%(kinds)s))
  AND (%(text)s = '' OR strpos(lower(document), %(text)s) > 0 OR kind = ANY (%(text_kinds)s))"""


def list_lines(
    code: str, wanted: Wanted, *, before: Mark | None = None, limit: int = 50
) -> tuple[MarkedLine, ...]:
    """Return the wanted lines of an account, newest first, from the one before `before` on.

    Raises UnknownAccount.
    """
    account = _account(code)
    on, journal, leg = before or (None, None, None)
    asked = _asked(account, wanted) | {"on": on, "journal": journal, "leg": leg, "limit": limit}
    rows = _rows(
        f"""WITH moved AS (
              SELECT j.id, p.leg, j.kind, j.document, j.value_on, j.booked_at, p.amount_minor,
                     sum(p.amount_minor) OVER (ORDER BY j.value_on, j.id, p.leg) AS balance_minor
              {_MOVED})
            SELECT id, leg, kind, document, value_on, booked_at, amount_minor, balance_minor
            FROM moved WHERE {_FITS}
              AND (%(on)s::date IS NULL OR (value_on, id, leg) < (%(on)s, %(journal)s, %(leg)s))
            ORDER BY value_on DESC, id DESC, leg DESC LIMIT %(limit)s""",  # noqa: S608
        asked,
    )
    return tuple(
        MarkedLine(
            journal=number,
            leg=place,
            kind=kind,
            document=document,
            value_on=value_on,
            booked_at=booked_at,
            amount=Money(amount, account.currency),
            balance=Money(int(balance), account.currency),
        )
        for number, place, kind, document, value_on, booked_at, amount, balance in rows
    )


def get_period(code: str, wanted: Wanted) -> Period:
    """Return the balances and sums of the wanted period. Raises UnknownAccount."""
    account = _account(code)
    (row,) = _rows(
        f"""WITH moved AS (SELECT j.kind, j.document, j.value_on, p.amount_minor {_MOVED})
            SELECT coalesce(sum(amount_minor) FILTER (WHERE value_on < %(since)s), 0),
                   coalesce(sum(amount_minor) FILTER (
                     WHERE %(until)s::date IS NULL OR value_on <= %(until)s), 0),
                   count(*) FILTER (WHERE {_FITS}),
                   coalesce(sum(amount_minor) FILTER (WHERE amount_minor > 0 AND {_FITS}), 0),
                   coalesce(-sum(amount_minor) FILTER (WHERE amount_minor < 0 AND {_FITS}), 0)
            FROM moved""",  # noqa: S608
        _asked(account, wanted),
    )
    opening, closing, count, money_in, money_out = (int(one) for one in row)
    return Period(
        opening=Money(opening, account.currency),
        closing=Money(closing, account.currency),
        count=count,
        money_in=Money(money_in, account.currency),
        money_out=Money(money_out, account.currency),
    )


def list_kinds(code: str) -> tuple[str, ...]:
    """Return the kinds of journals that moved an account. Raises UnknownAccount."""
    rows = _rows(
        f"SELECT DISTINCT j.kind {_MOVED} ORDER BY 1",
        {"account": _account(code).pk},
    )
    return tuple(kind for (kind,) in rows)


def list_day_balances(code: str, since: date) -> tuple[DayBalance, ...]:
    """Return the balance after each day with movements from `since` on, and the one before it.

    Raises UnknownAccount.
    """
    account = _account(code)
    rows = _rows(
        f"""SELECT day, balance_minor FROM (
              SELECT day, sum(sum(moved)) OVER (ORDER BY day) AS balance_minor
              FROM (SELECT greatest(j.value_on, %(since)s::date - 1) AS day,
                           p.amount_minor AS moved {_MOVED}) AS days
              GROUP BY day) AS ends ORDER BY day""",  # noqa: S608
        {"account": account.pk, "since": since},
    )
    return tuple(
        DayBalance(on=on, balance=Money(int(minor), account.currency)) for on, minor in rows
    )


def list_open_holds(code: str) -> tuple[OpenHold, ...]:
    """Return what is set aside on an account, oldest first. Raises UnknownAccount."""
    account = _account(code)
    rows = Hold.objects.filter(account=account, state="open").order_by("id")
    return tuple(
        OpenHold(
            document=row.document,
            amount=Money(row.amount_minor, account.currency),
            made_at=row.made_at,
        )
        for row in rows
    )


def _account(code: str) -> Account:
    row = Account.objects.filter(code=code).first()
    if row is None:
        raise UnknownAccount(account=code)
    return row


def _asked(account: Account, wanted: Wanted) -> dict[str, Any]:
    return {
        "account": account.pk,
        "since": wanted.since,
        "until": wanted.until,
        "sign": {"in": 1, "out": -1}.get(wanted.direction, 0),
        "kinds": list(wanted.kinds),
        "text": wanted.text.lower(),
        "text_kinds": list(wanted.text_kinds),
    }


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
