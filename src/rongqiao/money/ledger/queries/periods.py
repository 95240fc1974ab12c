"""Months of the books: their states, their history, their kept balances, what keeps one open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.ledger.closing import Closed, Period, PeriodStep
from rongqiao.money.ledger.queries import books, chain
from rongqiao.money.ledger.queries.books import NAMED_AT_MOST, Checked

# No month of the books is older.
_BEFORE_ALL = date(1999, 12, 31)


@dataclass(frozen=True, kw_only=True)
class StepView:
    """What was done to a month; `by` is an actor."""

    from_state: str
    to_state: str
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class PeriodView:
    """A month: open, closing (proposed), closed, or reopening (proposed); newest step last."""

    month: date
    state: str
    journals: int
    proposed_by: str
    proposed_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    reason: str
    steps: tuple[StepView, ...]


@dataclass(frozen=True, kw_only=True)
class AccountMonth:
    """An account over a closed month; `opening` and `closing` credit-positive."""

    account: str
    family: str
    opening: Money
    debits: Money
    credits: Money
    closing: Money


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def last_day(month: date) -> date:
    """Return the last day of a month."""
    return next_month(month) - timedelta(days=1)


def first_month() -> date | None:
    """Return the month of the earliest value date in the books, or None where they are empty."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(value_on) FROM ledger_journal")
        (first,) = cursor.fetchone()
    return first.replace(day=1) if first else None


def closed_through() -> date | None:
    """Return the last day that nothing can be valued on any more, or None where all is open."""
    row = Closed.objects.filter(pk=1).first()
    return row.through if row and row.through > _BEFORE_ALL else None


def list_periods(on: date) -> tuple[PeriodView, ...]:
    """Return every month from the first with a journal to that of `on`, newest first."""
    rows = {row.month: row for row in Period.objects.all()}
    steps: dict[date, list[PeriodStep]] = {}
    for step in PeriodStep.objects.order_by("id"):
        steps.setdefault(step.month, []).append(step)
    counts = _journals_by_month()
    months = sorted({*rows, *counts, on.replace(day=1)}, reverse=True)
    return tuple(
        _view(month, rows.get(month), steps.get(month, []), counts.get(month, 0))
        for month in months
    )


def count_periods_proposed() -> int:
    """Return how many months wait for a second person to close them or open them again."""
    return Period.objects.filter(state__in=("closing", "reopening")).count()


def get_period(month: date) -> PeriodView:
    """Return one month, by its first day; a month nobody has touched is open."""
    row = Period.objects.filter(pk=month).first()
    steps = list(PeriodStep.objects.filter(month=month).order_by("id"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ledger_journal WHERE value_on >= %s AND value_on < %s",
            [month, next_month(month)],
        )
        (count,) = cursor.fetchone()
    return _view(month, row, steps, int(count))


def unsealed_through(month: date) -> int:
    """Return how many journals valued up to the end of a month the chain does not hold yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM ledger_journal
               WHERE id > coalesce((SELECT max(journal_id) FROM ledger_link), 0)
                 AND value_on < %s""",
            [next_month(month)],
        )
        return int(cursor.fetchone()[0])


def broken_laws() -> tuple[Checked, ...]:
    """Return those of the ledger's own laws that do not hold; reads all of the books."""
    laws: tuple[Callable[[], Checked], ...] = (
        books.check_journals,
        books.check_balances,
        books.check_floors,
        books.check_keys,
        check_periods,
        chain.check_custody_book,
        chain.check_chain,
    )
    return tuple(found for law in laws if (found := law()).broken)


def period_balances(
    month: date, *, account: str = "", after: str = "", limit: int = 100
) -> tuple[AccountMonth, ...]:
    """Return the kept balances of a closed month by account code; `after` is the last code seen.

    `account` is the beginning of a code.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.code, a.family, a.currency, b.opening_minor, b.debits_minor,
                      b.credits_minor, b.closing_minor
               FROM ledger_periodbalance b JOIN ledger_account a ON a.id = b.account_id
               WHERE b.month = %s AND starts_with(a.code, %s) AND a.code > %s
               ORDER BY a.code LIMIT %s""",
            [month, account, after, limit],
        )
        rows = cursor.fetchall()
    return tuple(
        AccountMonth(
            account=code,
            family=family,
            opening=Money(opening, currency),
            debits=Money(debited, currency),
            credits=Money(credited, currency),
            closing=Money(closing, currency),
        )
        for code, family, currency, opening, debited, credited, closing in rows
    )


def check_periods() -> Checked:
    """Check that what closed months keep is what their postings say, and nothing came later.

    Nothing can come later while each shut partition of the journal has its guard.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_periodbalance")
        count = int(cursor.fetchone()[0])
        cursor.execute(
            """WITH closed AS (
                 SELECT month, (month + interval '1 month')::date AS after FROM ledger_period
                 WHERE state IN ('closed', 'reopening')),
               moved AS (
                 SELECT c.month, p.account_id, sum(p.amount_minor) AS change
                 FROM closed c
                 JOIN ledger_posting p ON p.value_on >= c.month AND p.value_on < c.after
                 GROUP BY 1, 2)
               SELECT to_char(coalesce(b.month, m.month), 'YYYY-MM') || ' account '
                      || coalesce(a.code, 'number ' || coalesce(b.account_id, m.account_id))
                      || ': kept ' || coalesce(b.closing_minor - b.opening_minor, 0)
                      || ', postings ' || coalesce(m.change, 0)
               FROM (SELECT * FROM ledger_periodbalance) b
               FULL JOIN moved m ON m.month = b.month AND m.account_id = b.account_id
               LEFT JOIN ledger_account a ON a.id = coalesce(b.account_id, m.account_id)
               WHERE coalesce(b.closing_minor - b.opening_minor, 0) <> coalesce(m.change, 0)
               UNION ALL
               SELECT to_char(b.month, 'YYYY-MM') || ' account number ' || b.account_id
                      || ': opens with ' || b.opening_minor || ', the month before closed with '
                      || coalesce(p.closing_minor, 0)
               FROM ledger_periodbalance b
               LEFT JOIN ledger_periodbalance p ON p.account_id = b.account_id
                 AND p.month = (b.month - interval '1 month')::date
               WHERE b.month > (SELECT min(month) FROM closed)
                 AND b.opening_minor <> coalesce(p.closing_minor, 0)
               UNION ALL
               SELECT month.part::text || ' is shut without guard'
               FROM ledger_closed, ledger_journal_months('0001-01-01', through) AS month (part)
               WHERE through > '1999-12-31' AND NOT EXISTS (
                 SELECT FROM pg_trigger
                 WHERE tgrelid = month.part AND tgname = 'no_closed_month' AND tgenabled <> 'D')"""
        )
        broken = [str(row[0]) for row in cursor.fetchall()]
    return Checked(
        law="2 what a closed month keeps equals its postings",
        checked=count,
        broken=len(broken),
        examples=tuple(broken[:NAMED_AT_MOST]),
    )


def _journals_by_month() -> dict[date, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT date_trunc('month', value_on)::date, count(*)
               FROM ledger_journal GROUP BY 1"""
        )
        return {month: int(count) for month, count in cursor.fetchall()}


def _view(month: date, row: Period | None, steps: list[PeriodStep], journals: int) -> PeriodView:
    row = row or Period(month=month)
    return PeriodView(
        month=month,
        state=row.state,
        journals=journals,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        steps=tuple(
            StepView(
                from_state=step.from_state,
                to_state=step.to_state,
                by=step.by,
                at=step.at,
                reason=step.reason,
            )
            for step in steps
        ),
    )
