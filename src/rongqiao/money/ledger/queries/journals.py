"""The journals in the order of their numbers, narrowed by what an officer knows of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Journal

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What narrows the journals; nothing of it means all of them.

    `document` is a whole number of one; `account` a whole code; `amount` that of a leg, of either
    side; `since` and `until` are value dates, both included.
    """

    kind: str = ""
    document: str = ""
    account: str = ""
    amount: Money | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class JournalLine:
    """A journal in a list: what its debits, and so its credits, sum to, and how many legs."""

    number: int
    kind: str
    document: str
    value_on: date
    booked_at: datetime
    actor: str
    total: Money
    legs: int
    reverses: int | None


# Each condition is a whole one, so that the plan sees only those that are asked for.
_CONDITIONS = {
    "kind": "j.kind = %(kind)s",
    "document": "j.document = %(document)s",
    "since": "j.value_on >= %(since)s",
    "until": "j.value_on <= %(until)s",
    "before": "j.id < %(before)s",
    "account": """j.id IN (SELECT p.journal_id FROM ledger_posting p WHERE p.account_id IN
                  (SELECT a.id FROM ledger_account a WHERE a.code = %(account)s))""",
    "minor": """EXISTS (SELECT FROM ledger_posting p
                        WHERE p.journal_id = j.id AND p.value_on = j.value_on
                          AND abs(p.amount_minor) = %(minor)s)""",
}


def list_journals(
    wanted: Wanted, *, before: int | None = None, limit: int = PAGE
) -> tuple[JournalLine, ...]:
    """Return journals, newest first; `before` is the last number seen (paging)."""
    asked = {
        "kind": wanted.kind or None,
        "document": wanted.document or None,
        "since": wanted.since,
        "until": wanted.until,
        "before": before,
        "account": wanted.account or None,
        "minor": wanted.amount.minor if wanted.amount else None,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    narrowed = " AND ".join(_CONDITIONS[name] for name in given) or "true"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH page AS MATERIALIZED (
                  SELECT j.* FROM ledger_journal j WHERE {narrowed}
                  ORDER BY j.id DESC LIMIT %(limit)s)
                SELECT page.id, page.kind, page.document, page.value_on, page.booked_at, page.actor,
                       page.reverses_id, legs.total, legs.count, legs.currency
                FROM page CROSS JOIN LATERAL (
                  SELECT sum(greatest(p.amount_minor, 0)) AS total, count(*), min(p.currency)
                         AS currency
                  FROM ledger_posting p
                  WHERE p.journal_id = page.id AND p.value_on = page.value_on) legs
                ORDER BY page.id DESC""",  # noqa: S608 - conditions of this file alone
            {**given, "limit": limit},
        )
        rows = cursor.fetchall()
    return tuple(
        JournalLine(
            number=number,
            kind=kind,
            document=document,
            value_on=value_on,
            booked_at=booked_at,
            actor=actor,
            reverses=reverses,
            total=Money(int(total), currency),
            legs=count,
        )
        for (
            number,
            kind,
            document,
            value_on,
            booked_at,
            actor,
            reverses,
            total,
            count,
            currency,
        ) in rows
    )


def journals_of(document: str) -> tuple[int, ...]:
    """Return the numbers of a document's journals, in order."""
    rows = Journal.objects.filter(document=document).order_by("pk").values_list("pk", flat=True)
    return tuple(rows[:PAGE])
