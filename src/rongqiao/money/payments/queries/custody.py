"""The pool at the custodian bank: what we say is there against what the bank's statement says.

Domain.md, law 8. In fen, credit to the pool above zero:
closing balance = custodian cash - in transit + what open breaks explain + what nobody explains.
In transit is booked by us and dated after the statement, or not missed there yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.ledger.queries.books import Checked
from rongqiao.money.ledger.queries.pool import CASH_IN_BOOKS, pool_totals

CASH = "custodian-cash"
# The lines of the custody book that are somebody's money; together they are the pool.
OWNERS = ("wallet", "suspense", "reserve-fund", "operator-funds", "transfers-underway")
# A booking older than this is no longer looked for on statements: it would be a break by then.
LOOK_BACK = timedelta(days=62)

# Everything booked that the bank's statement must show, and the bank's date of it.
BOOKED = """
  booked(subject, signed, due_on, order_id) AS NOT MATERIALIZED (
    SELECT 'order:' || o.id,
           CASE WHEN o.kind IN ('top_up', 'direct_debit', 'transfer_in')
                THEN o.amount_minor ELSE -o.amount_minor END, o.settled_on, o.id
    FROM payments_paymentorder o
    WHERE o.state = 'succeeded' AND NOT EXISTS (
      SELECT FROM payments_break b WHERE b.subject = 'order:' || o.id AND b.state = 'resolved'
         AND b.kind = 'missing-at-bank' AND b.mend = 'correct-by-reversal')
    UNION ALL
    SELECT 'return:' || o.id,
           CASE WHEN o.kind IN ('top_up', 'direct_debit', 'transfer_in')
                THEN -o.amount_minor ELSE o.amount_minor END, o.returned_on, o.id
    FROM payments_paymentorder o WHERE o.is_returned AND NOT EXISTS (
      SELECT FROM payments_break b WHERE b.subject = 'return:' || o.id AND b.state = 'resolved'
         AND b.kind = 'missing-at-bank' AND b.mend = 'correct-by-reversal')
    UNION ALL
    SELECT 'receipt:' || r.id, r.amount_minor, r.received_on, NULL
    FROM payments_receipt r
    WHERE r.state = 'confirmed' AND NOT EXISTS (
      SELECT FROM payments_break b WHERE b.subject = 'receipt:' || r.id
         AND b.state = 'resolved' AND b.mend = 'correct-by-reversal')
      AND NOT EXISTS (
      SELECT FROM payments_statementline l JOIN payments_linematch m ON m.line_id = l.id
      WHERE l.serial = r.bank_serial AND m.agreement IN ('suspense', 'parked'))
    UNION ALL
    SELECT 'capital:' || c.id, c.amount_minor,
           (c.decided_at AT TIME ZONE 'Asia/Shanghai')::date, NULL
    FROM payments_capitalinjection c
    WHERE c.state = 'confirmed' AND NOT EXISTS (
      SELECT FROM payments_break b WHERE b.subject = 'capital:' || c.id
         AND b.state = 'resolved' AND b.mend = 'correct-by-reversal')
      AND NOT EXISTS (
      SELECT FROM payments_statementline l JOIN payments_linematch m ON m.line_id = l.id
      WHERE l.serial = c.bank_serial AND m.agreement IN ('suspense', 'parked')))"""

# What each unresolved break explains now: less, once the other side has come after all.
EXPLAINED = """
  explained(break_id, kind, minor) AS (
    SELECT b.id, b.kind,
      CASE WHEN NOT b.is_in_balance THEN 0
           WHEN m.agreement = 'differs' THEN b.bank_minor - coalesce(
             CASE WHEN m.subject LIKE 'order:%%' THEN
                    CASE WHEN o.state = 'succeeded' AND NOT EXISTS (
                      SELECT FROM payments_break r WHERE r.subject = 'order:' || o.id
                         AND r.state = 'resolved' AND r.kind = 'missing-at-bank'
                         AND r.mend = 'correct-by-reversal') THEN side END
                  WHEN m.subject LIKE 'return:%%' THEN CASE WHEN o.is_returned AND NOT EXISTS (
                      SELECT FROM payments_break r WHERE r.subject = 'return:' || o.id
                         AND r.state = 'resolved' AND r.kind = 'missing-at-bank'
                         AND r.mend = 'correct-by-reversal') THEN -side END
                  ELSE b.ours_minor END, 0)
           WHEN b.kind = 'missing-at-bank' AND EXISTS (
             SELECT FROM payments_linematch s WHERE s.subject = b.subject) THEN 0
           ELSE b.explains_minor END
    FROM payments_break b
    LEFT JOIN payments_linematch m ON m.line_id = b.line_id
    LEFT JOIN payments_paymentorder o ON o.id = b.order_id
    CROSS JOIN LATERAL (
      SELECT CASE WHEN o.kind IN ('top_up', 'direct_debit', 'transfer_in')
                  THEN o.amount_minor ELSE -o.amount_minor END AS side) AS sides
    WHERE b.state <> 'resolved')"""

# Booked, without a line, and nobody was told of it: dated after the statement, or missed next time.
TRANSIT = """
  transit(minor) AS (
    SELECT coalesce(sum(signed), 0) FROM booked
    WHERE due_on > %(since)s
      AND (due_on > %(day)s OR EXISTS (
        SELECT FROM payments_statementfile f WHERE f.day = due_on AND f.state = 'imported'))
      AND NOT EXISTS (
        SELECT FROM payments_linematch m WHERE m.subject = booked.subject AND m.day <= %(day)s)
      AND NOT EXISTS (
        SELECT FROM payments_break b WHERE b.subject = booked.subject
           AND b.kind = 'missing-at-bank'))"""


@dataclass(frozen=True, kw_only=True)
class CashPosition:
    """The pool now, whose it is, and the last reconciled day; None before the first one.

    What the operator set aside for a transfer out is still the operator's.
    closing = cash - in_transit + explained + unexplained.
    """

    cash: Money
    wallets: Money
    suspense: Money
    reserve: Money
    operator: Money
    is_balanced: bool
    reconciled_through: date | None
    closing: Money | None
    in_transit: Money
    explained: Money
    unexplained: Money


@dataclass(frozen=True, kw_only=True)
class DayOfCash:
    """One reconciled day of the chart: both sides as they stood when the day was compared."""

    day: date
    closing: Money
    books: Money
    in_transit: Money
    explained: Money
    unexplained: Money
    total_in: Money
    total_out: Money


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Both sides of the pool through the statement of `day`, in fen."""

    day: date
    closing: int
    books: int
    in_transit: int
    explained: int

    @property
    def unexplained(self) -> int:
        """What neither transit nor an open break accounts for."""
        return self.closing - self.books + self.in_transit - self.explained


def compare_pool(day: date) -> Compared:
    """Return both sides through an imported day, in one statement: one state of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {BOOKED}, {EXPLAINED}, {TRANSIT}
                SELECT f.closing_minor,
                  {CASH_IN_BOOKS},
                  (SELECT minor FROM transit),
                  (SELECT coalesce(sum(minor), 0) FROM explained)
                FROM payments_statementfile f
                WHERE f.day = %(day)s AND f.state = 'imported'""",  # noqa: S608 - our own fragments
            {"day": day, "since": day - LOOK_BACK},
        )
        closing, books, in_transit, explained = map(int, cursor.fetchone())
    return Compared(
        day=day, closing=closing, books=books, in_transit=in_transit, explained=explained
    )


def explained_by_break() -> dict[str, int]:
    """Return what each unresolved break explains now, by its id, in fen."""
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {EXPLAINED} SELECT break_id::text, minor FROM explained", {})  # noqa: S608
        return {case: int(minor) for case, minor in cursor.fetchall()}


def last_reconciled() -> date | None:
    """Return the latest day that was compared with the bank."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(day) FROM payments_dayreconciled")
        found: date | None = cursor.fetchone()[0]
    return found


def cash_position() -> CashPosition:
    """Return the pool as it stands, for finance."""
    totals, day = pool_totals(), last_reconciled()
    compared = compare_pool(day) if day else None
    return CashPosition(
        cash=-totals[CASH],
        wallets=totals["wallet"],
        suspense=totals["suspense"],
        reserve=totals["reserve-fund"],
        operator=totals["operator-funds"] + totals["transfers-underway"],
        is_balanced=not sum(money.minor for money in totals.values()),
        reconciled_through=day,
        closing=Money(compared.closing) if compared else None,
        in_transit=Money(compared.in_transit if compared else 0),
        explained=Money(compared.explained if compared else 0),
        unexplained=Money(compared.unexplained if compared else 0),
    )


def cash_by_day(start: date, end: date) -> tuple[DayOfCash, ...]:
    """Return the reconciled days from `start` to `end`, both included, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.day, r.closing_minor, r.books_minor, r.in_transit_minor,
                      r.explained_minor, r.unexplained_minor, f.total_in_minor, f.total_out_minor
               FROM payments_dayreconciled r JOIN payments_statementfile f ON f.id = r.file_id
               WHERE r.day BETWEEN %s AND %s ORDER BY r.day""",
            [start, end],
        )
        rows = cursor.fetchall()
    return tuple(
        DayOfCash(
            day=day,
            closing=Money(closing),
            books=Money(books),
            in_transit=Money(in_transit),
            explained=Money(explained),
            unexplained=Money(unexplained),
            total_in=Money(total_in),
            total_out=Money(total_out),
        )
        for day, closing, books, in_transit, explained, unexplained, total_in, total_out in rows
    )


def check_custody() -> Checked:
    """Check law 8: custodian cash is the sum of client money, and the bank says so too."""
    totals = pool_totals()
    wrong = []
    owned = sum(totals[line].minor for line in OWNERS)
    if owned != -totals[CASH].minor or set(totals) != {CASH, *OWNERS}:
        wrong.append(f"custodian cash {-totals[CASH].minor}, client money {owned}")
    in_cases = _suspense_in_cases()
    if in_cases != totals["suspense"].minor:
        wrong.append(f"suspense {totals['suspense'].minor}, cases {in_cases}")
    day = last_reconciled()
    if day is not None:
        compared = compare_pool(day)
        if compared.unexplained:
            wrong.append(
                f"statement of {day}: closing {compared.closing}, books {compared.books}, "
                f"in transit {compared.in_transit}, open breaks {compared.explained}"
            )
    return Checked(
        law="8 custodian cash equals the sum of client money; the bank's statement says so",
        checked=len(totals) + (day is not None),
        broken=len(wrong),
        examples=tuple(wrong),
    )


def _suspense_in_cases() -> int:
    """Return what cases say is in suspense: not mended yet, or a refund that has not left."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(b.suspense_minor), 0) FROM payments_break b
               LEFT JOIN payments_paymentorder o ON o.id = b.mend_order_id
               WHERE b.state <> 'resolved'
                  OR (o.id IS NOT NULL AND (o.state <> 'succeeded' OR o.is_returned))"""
        )
        return int(cursor.fetchone()[0])
