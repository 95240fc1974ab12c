"""Read the books: balances, statements, the trial balance, and the checks of their laws.

Amounts are credit-positive: a wallet's balance reads as its owner sees it, an asset's is negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models.functions import Now

from rongqiao.finance.money import Money
from rongqiao.money.ledger.models import Balance, Hold, Journal, Posting, Reversal
from rongqiao.platform.refusals import Kind, Refusal

BOOKS = (
    "ledger_account",
    "ledger_journal",
    "ledger_leg",
    "ledger_hold",
    "ledger_key",
    "ledger_part",
    "ledger_reversal",
    "ledger_horizon",
)
# How many broken things a check names; it counts them all.
NAMED_AT_MOST = 10


class UnknownAccount(Refusal):
    """No account has this code, or none in this currency. Facts: `account`."""

    kind, code = Kind.NOT_FOUND, "ledger.unknown-account"


@dataclass(frozen=True, kw_only=True)
class AccountState:
    """An account: what it holds in all, what is set aside, and what can be spent."""

    code: str
    family: str
    balance: Money
    held: Money
    available: Money


@dataclass(frozen=True, kw_only=True)
class StatementLine:
    """One posting of an account, with the balance after it."""

    journal: int
    kind: str
    document: str
    value_on: date
    booked_at: datetime
    amount: Money
    balance: Money


@dataclass(frozen=True, kw_only=True)
class TrialLine:
    """One account of the trial balance: its balance in the debit or in the credit column."""

    code: str
    family: str
    debit: Money
    credit: Money


@dataclass(frozen=True, kw_only=True)
class PostedLeg:
    """One leg of a posted journal, credit-positive."""

    account: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class LinePosting:
    """One posting on an account of a line: by which journal, of which day."""

    account: str
    journal: int
    value_on: date
    amount: Money


@dataclass(frozen=True, kw_only=True)
class PostedJournal:
    """A journal as it stands in the books, and which one took it back, if any."""

    number: int
    kind: str
    document: str
    value_on: date
    booked_at: datetime
    actor: str
    reverses: int | None
    reversed_by: int | None
    legs: tuple[PostedLeg, ...]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """A law: how many things were looked at, how many broke it, and the first of those by name."""

    law: str
    checked: int
    broken: int
    examples: tuple[str, ...] = ()


def balance(code: str) -> Money:
    """Return an account's balance. Raises UnknownAccount."""
    return account_state(code).balance


def available(code: str) -> Money:
    """Return what an account can spend: balance less what is held. Raises UnknownAccount."""
    return account_state(code).available


def account_state(code: str) -> AccountState:
    """Return an account's balance, held and available money. Raises UnknownAccount."""
    row = Balance.objects.filter(code=code).first()
    if row is None:
        raise UnknownAccount(account=code)
    return AccountState(
        code=row.code,
        family=row.family,
        balance=Money(row.balance_minor, row.currency),
        held=Money(row.held_minor, row.currency),
        available=Money(row.balance_minor - row.held_minor, row.currency),
    )


def balances(codes: Sequence[str]) -> dict[str, Money]:
    """Return the balances of those accounts among `codes` that exist."""
    rows = Balance.objects.filter(code__in=list(codes))
    return {
        code: Money(minor, currency)
        for code, minor, currency in rows.values_list("code", "balance_minor", "currency")
    }


def statement(
    code: str, *, before: int | None = None, limit: int = 50
) -> tuple[StatementLine, ...]:
    """Return an account's latest postings, newest first, each with the balance after it.

    `before` is a journal's number: only earlier ones are told (paging). Raises UnknownAccount.
    """
    account = Balance.objects.filter(code=code).first()
    if account is None:
        raise UnknownAccount(account=code)
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH page AS (
                 SELECT journal_id, value_on, leg, amount_minor FROM ledger_posting
                 WHERE account_id = %(account)s
                   AND (%(before)s::bigint IS NULL OR journal_id < %(before)s)
                 ORDER BY journal_id DESC, leg DESC LIMIT %(limit)s)
               SELECT j.id, j.kind, j.document, j.value_on, j.booked_at, page.amount_minor,
                      (SELECT coalesce(sum(amount_minor), 0) FROM ledger_posting
                        WHERE account_id = %(account)s AND journal_id >= %(before)s)
                      + sum(page.amount_minor) OVER (ORDER BY page.journal_id DESC, page.leg DESC)
                      - page.amount_minor
               FROM page
               JOIN ledger_journal j ON j.id = page.journal_id AND j.value_on = page.value_on
               ORDER BY page.journal_id DESC, page.leg DESC""",
            {"account": account.pk, "before": before, "limit": limit},
        )
        rows = cursor.fetchall()
    return tuple(
        StatementLine(
            journal=journal,
            kind=kind,
            document=document,
            value_on=value_on,
            booked_at=booked_at,
            amount=Money(amount, account.currency),
            balance=Money(account.balance_minor - int(later), account.currency),
        )
        for journal, kind, document, value_on, booked_at, amount, later in rows
    )


def get_journal(number: int) -> PostedJournal | None:
    """Return one journal with its legs, or None."""
    row = Journal.objects.filter(pk=number).first()
    if row is None:
        return None
    legs = Posting.objects.filter(journal=number).select_related("account").order_by("leg")
    reversal = Reversal.objects.filter(pk=number).first()
    return PostedJournal(
        number=row.pk,
        kind=row.kind,
        document=row.document,
        value_on=row.value_on,
        booked_at=row.booked_at,
        actor=row.actor,
        reverses=row.reverses_id,
        reversed_by=reversal.journal_id if reversal else None,
        legs=tuple(
            PostedLeg(account=leg.account.code, amount=Money(leg.amount_minor, leg.currency))
            for leg in legs
        ),
    )


def has_expired_holds() -> bool:
    """Tell whether a hold's time is over by the database's clock, which alone decides that."""
    return Hold.objects.filter(state="open", expires_at__lte=Now()).exists()


def trial_balance(currency: str = "CNY") -> tuple[TrialLine, ...]:
    """Return every account that has moved, wallets rolled up in one line, in debit and credit.

    The two columns sum to the same amount, always.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT CASE WHEN code LIKE 'wallet:%%' THEN 'wallet' ELSE code END AS line, family,
                      sum(balance_minor)
               FROM ledger_balance WHERE currency = %s
               GROUP BY line, family HAVING bool_or(balance_minor <> 0) ORDER BY family, line""",
            [currency],
        )
        rows = cursor.fetchall()
    return tuple(
        TrialLine(
            code=code,
            family=family,
            debit=Money(max(-int(minor), 0), currency),
            credit=Money(max(int(minor), 0), currency),
        )
        for code, family, minor in rows
    )


def product_balances() -> dict[str, Money]:
    """Return the balances of every product's receivable accounts, by code (law 5)."""
    rows = Balance.objects.filter(
        code__regex="^(loan-principal|interest-receivable|penalty-receivable|fee-receivable):"
    )
    return {row.code: Money(row.balance_minor, row.currency) for row in rows}


def balances_of_line(line: str) -> dict[str, Money]:
    """Return the balances of a line's accounts, such as `loan-loss-allowance`, by code."""
    rows = Balance.objects.filter(code__startswith=f"{line}:")
    return {row.code: Money(row.balance_minor, row.currency) for row in rows}


def balances_of_line_on(line: str, on: date) -> dict[str, Money]:
    """Return the balances of a line's accounts as of a date, by code and value date."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.code, a.currency, sum(p.amount_minor)::bigint
               FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id
               WHERE a.code LIKE %s AND p.value_on <= %s GROUP BY 1, 2""",
            [f"{line}:%", on],
        )
        return {code: Money(minor, currency) for code, currency, minor in cursor.fetchall()}


def postings_of_line(line: str) -> tuple[LinePosting, ...]:
    """Return every posting on a line's accounts, by account and journal: for lines with few."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.code, p.journal_id, p.value_on, sum(p.amount_minor)::bigint, a.currency
               FROM ledger_account a JOIN ledger_posting p ON p.account_id = a.id
               WHERE a.code LIKE %s GROUP BY 1, 2, 3, 5 ORDER BY 1, 2""",
            [f"{line}:%"],
        )
        return tuple(
            LinePosting(account=code, journal=journal, value_on=on, amount=Money(minor, currency))
            for code, journal, on, minor, currency in cursor.fetchall()
        )


def check_journals() -> Checked:
    """Check law 1: every journal has legs, in one currency, that sum to zero; no leg is loose.

    A reversal is on record once, and says so of itself.
    """
    return _checked(
        "1 every journal balances to zero per currency",
        "SELECT count(*) FROM ledger_journal",
        """SELECT 'journal ' || coalesce(j.id, p.journal_id)
           FROM ledger_journal j
           FULL JOIN ledger_posting p ON p.journal_id = j.id AND p.value_on = j.value_on
           LEFT JOIN ledger_account a ON a.id = p.account_id
           GROUP BY j.id, p.journal_id
           HAVING j.id IS NULL OR count(a.id) < 2 OR count(a.id) <> count(*)
               OR sum(p.amount_minor) <> 0 OR min(a.currency) <> max(a.currency)
               OR bool_or(p.currency <> a.currency)
               OR max(p.leg) <> count(*)
           UNION ALL
           SELECT 'journal ' || coalesce(j.id, r.journal_id) || ': reversal not on record as it is'
           FROM (SELECT id, reverses_id FROM ledger_journal WHERE reverses_id IS NOT NULL) j
           FULL JOIN ledger_reversal r ON r.journal_id = j.id AND r.reversed_id = j.reverses_id
           WHERE j.id IS NULL OR r.journal_id IS NULL""",
    )


def check_balances() -> Checked:
    """Check law 2: each balance is the sum of its postings; all of a currency sum to zero.

    A rolled balance counts nothing above the proven horizon, or it could miss what comes late.
    """
    return _checked(
        "2 an account balance equals the sum of its postings",
        "SELECT count(*) FROM ledger_account",
        """SELECT 'account ' || a.code || ': balance ' || a.balance_minor || ', postings '
                  || coalesce(s.total, 0)
           FROM ledger_balance a
           LEFT JOIN (SELECT account_id, sum(amount_minor) AS total
                      FROM ledger_posting GROUP BY 1) s ON s.account_id = a.id
           WHERE a.balance_minor <> coalesce(s.total, 0)
           UNION ALL
           SELECT 'currency ' || currency || ': accounts sum to ' || sum(balance_minor)
           FROM ledger_balance GROUP BY currency HAVING sum(balance_minor) <> 0
           UNION ALL
           SELECT 'account ' || a.code || ': kept as ' || a.mode || ', but has '
                  || count(p.nr) || ' parts, ' || a.balance_minor || ' on its row up to '
                  || a.rolled_to
           FROM ledger_account a LEFT JOIN ledger_part p ON p.account_id = a.id
           GROUP BY a.id
           HAVING count(p.nr) <> CASE a.mode WHEN 'split' THEN 16 ELSE 0 END
               OR (a.mode = 'split' AND a.balance_minor <> 0)
               OR a.rolled_to > CASE a.mode WHEN 'rolled' THEN
                                  (SELECT proven_id FROM ledger_horizon) ELSE 0 END""",
    )


def check_floors() -> Checked:
    """Check law 3: nothing below its floor; what is held is what the open holds say."""
    return _checked(
        "3 no wallet goes below zero; held is the sum of open holds",
        "SELECT count(*) FROM ledger_account",
        """SELECT 'account ' || a.code || ': balance ' || a.balance_minor || ', held '
                  || a.held_minor || ', open holds ' || coalesce(h.total, 0)
           FROM ledger_balance a
           LEFT JOIN (SELECT account_id, sum(amount_minor) AS total
                      FROM ledger_hold WHERE state = 'open' GROUP BY 1) h ON h.account_id = a.id
           WHERE a.balance_minor - a.held_minor < a.floor_minor
              OR a.held_minor <> coalesce(h.total, 0)
              OR (a.code LIKE 'wallet:%' AND a.floor_minor < 0)
           UNION ALL
           SELECT 'account ' || p.account_id || ': part ' || p.nr || ' is ' || p.balance_minor
           FROM ledger_part p WHERE p.balance_minor < 0
           UNION ALL
           SELECT 'hold ' || h.id || ': its account is gone' FROM ledger_hold h
           WHERE NOT EXISTS (SELECT FROM ledger_account a WHERE a.id = h.account_id)""",
    )


def check_keys() -> Checked:
    """Check law 4: one journal or hold for a key, one key for each, and the operation on record.

    A part's key is `operation|actor|key|number` (platform.operations.part_key): the operation it
    names must have been answered, or something is booked that nobody acknowledged.
    """
    return _checked(
        "4 the same key never posts twice; what was acknowledged is booked once",
        "SELECT count(*) FROM ledger_key",
        """WITH booked AS (
             SELECT 'journal' AS about, id FROM ledger_journal
             UNION ALL SELECT 'hold', id FROM ledger_hold),
           answered AS (
             SELECT name || '|' || actor || '|' || key AS key FROM platform_operationrecord
             WHERE result IS NOT NULL)
           SELECT coalesce(k.about, b.about) || ' ' || coalesce(k.answer, b.id) || ': '
                  || count(k.key) || ' keys, ' || count(b.id) || ' rows'
           FROM (SELECT * FROM ledger_key WHERE about <> 'release') k
           FULL JOIN booked b ON b.about = k.about AND b.id = k.answer
           GROUP BY coalesce(k.about, b.about), coalesce(k.answer, b.id)
           HAVING count(k.key) <> 1 OR count(b.id) <> 1
           UNION ALL
           SELECT 'key ' || k.key || ': its operation is not on record' FROM ledger_key k
           WHERE NOT EXISTS (SELECT FROM answered a
                             WHERE a.key = regexp_replace(k.key, '\\|\\d+$', ''))""",
    )


def _checked(law: str, counting: str, breaking: str) -> Checked:
    with connection.cursor() as cursor:
        cursor.execute(counting)
        count = int(cursor.fetchone()[0])
        cursor.execute(breaking)
        broken = [str(row[0]) for row in cursor.fetchall()]
    return Checked(
        law=law, checked=count, broken=len(broken), examples=tuple(broken[:NAMED_AT_MOST])
    )
