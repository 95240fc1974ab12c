"""Hold a day's lines against ours in one pass of SQL, and find what the bank should have shown.

Every line gets its match exactly once; what does not simply agree is returned, to become a break.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.payments.models.orders import By
from rongqiao.money.payments.operations.orders.settling import Said
from rongqiao.money.payments.queries.custody import BOOKED, LOOK_BACK


@dataclass(frozen=True, kw_only=True)
class Odd:
    """A line that does not simply agree; amounts in fen, credit to the pool above zero.

    `is_ours`: it names an order, receipt or capital of ours that no other line showed before.
    """

    line_id: UUID
    verdict: str
    signed: int
    ours: int | None
    is_ours: bool
    is_told_before: bool
    order_id: UUID | None
    party_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Booked by us, and on no statement of its day."""

    subject: str
    signed: int
    due_on: date
    order_id: UUID | None


_JUDGED = """
WITH fresh AS MATERIALIZED (
    SELECT l.*, CASE WHEN l.is_credit THEN l.amount_minor ELSE -l.amount_minor END AS signed,
           l.standing = 'repeated' OR (l.standing = 'other_day' AND EXISTS (
             SELECT FROM payments_statementline e WHERE e.serial = l.serial AND e.id <> l.id))
           AS is_told_before
    FROM payments_statementline l
    WHERE l.day = %(day)s
      AND NOT EXISTS (SELECT FROM payments_linematch m WHERE m.line_id = l.id)),
  named AS (
    SELECT f.id, f.position, f.standing, f.kind, f.order_no, f.is_credit, f.signed,
           f.is_told_before, f.account_no, o.id AS order_id,
           CASE WHEN f.is_told_before THEN NULL
                WHEN f.kind = 'return' THEN 'return:' || o.id
                WHEN o.id IS NOT NULL THEN 'order:' || o.id
                WHEN r.id IS NOT NULL THEN 'receipt:' || r.id
                WHEN c.id IS NOT NULL THEN 'capital:' || c.id END AS subject,
           CASE WHEN (o.kind IN ('top_up', 'direct_debit', 'transfer_in'))
                     <> (f.kind = 'return')
                THEN o.amount_minor ELSE -o.amount_minor END AS order_signed,
           CASE WHEN f.kind = 'return' THEN
                  CASE WHEN o.is_returned AND NOT EXISTS (
                    SELECT FROM payments_break b WHERE b.subject = 'return:' || o.id
                       AND b.state = 'resolved' AND b.kind = 'missing-at-bank'
                       AND b.mend = 'correct-by-reversal')
                    THEN o.returned_on END
                WHEN o.state = 'succeeded' AND NOT EXISTS (
                  SELECT FROM payments_break b WHERE b.subject = 'order:' || o.id
                     AND b.state = 'resolved' AND b.kind = 'missing-at-bank'
                     AND b.mend = 'correct-by-reversal')
                  THEN o.settled_on END AS booked_on,
           coalesce(r.amount_minor, c.amount_minor) AS noted
    FROM fresh f
    LEFT JOIN payments_paymentorder o ON f.order_no <> '' AND o.number = f.order_no
    LEFT JOIN payments_receipt r ON f.order_no = '' AND f.is_credit
         AND r.bank_serial = f.serial AND r.state = 'confirmed'
    LEFT JOIN payments_capitalinjection c ON f.order_no = '' AND f.is_credit
         AND c.bank_serial = f.serial AND c.state = 'confirmed'),
  placed AS (
    SELECT n.*, noted IS NOT NULL OR booked_on IS NOT NULL AS is_booked,
           coalesce(noted, order_signed) AS ours,
           n.subject IS NOT NULL
             AND row_number() OVER (
               PARTITION BY n.subject ORDER BY n.standing <> 'taken', n.position) = 1
             AND NOT EXISTS (SELECT FROM payments_linematch m WHERE m.subject = n.subject)
           AS is_ours
    FROM named n),
  judged AS (
    SELECT p.*,
      CASE WHEN standing = 'repeated' THEN 'duplicate-line'
           WHEN standing = 'other_day' THEN 'wrong-day'
           WHEN NOT is_ours AND order_no = '' AND is_credit THEN 'unknown-credit'
           WHEN NOT is_ours AND order_no = '' AND kind = 'fee' THEN 'bank-fee'
           WHEN NOT is_ours THEN 'unknown-order'
           WHEN ours <> signed THEN 'amount-differs'
           WHEN NOT is_booked AND kind = 'return' THEN 'bank-says-returned'
           WHEN NOT is_booked THEN 'bank-says-paid'
           WHEN booked_on <> %(day)s AND NOT EXISTS (
             SELECT FROM payments_break b WHERE b.subject = p.subject
                AND b.kind = 'missing-at-bank') THEN 'late-line'
           ELSE 'agrees' END AS verdict
    FROM placed p),
  kept AS (
    INSERT INTO payments_linematch (line_id, day, agreement, subject, matched_at)
    SELECT id, %(day)s,
      CASE WHEN is_ours AND is_booked AND ours = signed THEN 'agrees'
           WHEN is_ours THEN 'differs'
           WHEN %(posts)s AND is_credit AND verdict IN ('unknown-credit', 'unknown-order')
             THEN 'suspense'
           ELSE 'parked' END,
      CASE WHEN is_ours THEN subject ELSE '' END, %(at)s
    FROM judged)
SELECT j.id, j.verdict, j.signed, CASE WHEN j.is_ours AND j.is_booked THEN j.ours END,
       j.is_ours, j.is_told_before,
       j.order_id, a.party_id
FROM judged j LEFT JOIN payments_custodyaccount a ON a.account_no = j.account_no
WHERE j.verdict <> 'agrees' ORDER BY j.position"""

_UNSEEN = f"""
WITH {BOOKED}
SELECT subject, signed, due_on, order_id FROM booked
WHERE due_on > %(since)s AND due_on <= %(day)s
  AND (due_on = %(day)s OR EXISTS (SELECT FROM payments_dayreconciled r WHERE r.day = due_on))
  AND NOT EXISTS (SELECT FROM payments_linematch m WHERE m.subject = booked.subject)
  AND NOT EXISTS (SELECT FROM payments_break b
                  WHERE b.subject = booked.subject AND b.kind = 'missing-at-bank')
ORDER BY subject"""  # noqa: S608 - our own fragment

_SETTLED_BY_BANK = """
SELECT l.id, l.order_no, l.kind = 'return', l.amount_minor, l.serial, l.value_on, o.settled_on,
       o.bank_serial
FROM payments_statementline l JOIN payments_paymentorder o ON o.number = l.order_no
WHERE l.day = %(day)s AND l.standing = 'taken' AND o.amount_minor = l.amount_minor
  AND CASE WHEN l.kind = 'return' THEN NOT o.is_returned AND o.state <> 'failed'
           ELSE o.state IN ('sent', 'unknown') END
  AND l.is_credit = ((o.kind IN ('top_up', 'direct_debit', 'transfer_in')) <> (l.kind = 'return'))
  AND NOT EXISTS (SELECT FROM payments_linematch m WHERE m.line_id = l.id)
ORDER BY l.kind = 'return', l.position"""


def said_by_statement(day: date) -> list[tuple[UUID, Said]]:
    """Return what the day's lines say of orders whose end is still to come, returns last."""
    with connection.cursor() as cursor:
        cursor.execute(_SETTLED_BY_BANK, {"day": day})
        rows = cursor.fetchall()
    return [
        (
            line_id,
            Said(
                order_no=order_no,
                state="returned" if is_return else "succeeded",
                amount=Money(minor).text(),
                currency="CNY",
                bank_serial=first_serial if is_return else serial,
                settled_on=settled_on if is_return else value_on,
                returned_on=value_on if is_return else None,
                return_serial=serial if is_return else "",
                by=By.STATEMENT,
            ),
        )
        for (
            line_id,
            order_no,
            is_return,
            minor,
            serial,
            value_on,
            settled_on,
            first_serial,
        ) in rows
    ]


def match_lines(day: date, at: datetime, *, posts: bool) -> list[Odd]:
    """Give each line of the day that has none its match; return those that do not simply agree.

    With `posts`, unknown credits are marked as gone to suspense, which the caller then posts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_JUDGED, {"day": day, "at": at, "posts": posts})
        rows = cursor.fetchall()
    names = Odd.__dataclass_fields__
    return [Odd(**dict(zip(names, row, strict=True))) for row in rows]


def unseen(day: date) -> list[Unseen]:
    """Return what is booked as of reconciled days up to `day`, has no line and is no case yet."""
    with connection.cursor() as cursor:
        cursor.execute(_UNSEEN, {"day": day, "since": day - LOOK_BACK})
        rows = cursor.fetchall()
    names = Unseen.__dataclass_fields__
    return [Unseen(**dict(zip(names, row, strict=True))) for row in rows]
