"""Trial balance, balance sheet and income statement on any date, by account or accounting code.

Everything counts by value date. Closed months are read from their kept balances, so only what came
after the last of them is summed up. Client money stands apart: it is in no statement of the
operator's own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.money.ledger.chart import PREFIXED, Book, Family, Line, line_of
from rongqiao.money.ledger.queries.chart_of_accounts import Codes, codes_on

_ORDER = {family: place for place, family in enumerate(Family)}


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """One account (all wallets are one), or one accounting code with all accounts under it.

    `account` is empty where the line stands for a code. Of the two closing columns, as of the two
    opening ones, only one is above zero. `debits` and `credits` are what moved since the opening.
    """

    account: str
    code: str
    title: str
    family: str
    book: str
    opening_debit: Money
    opening_credit: Money
    debits: Money
    credits: Money
    closing_debit: Money
    closing_credit: Money


@dataclass(frozen=True, kw_only=True)
class TrialBalance:
    """Every line that moved or holds something; each pair of columns sums to the same amount."""

    since: date | None
    on: date
    lines: tuple[ReportLine, ...]
    totals: ReportLine


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """One accounting code on a statement, positive as its side reads."""

    code: str
    title: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class BalanceSheet:
    """The operator's own books on a date: `total_assets` = `total_claims`, to the fen.

    `result` is income less expenses up to the date, not yet distributed: part of equity. The
    custody book stands beside it and balances by itself.
    """

    on: date
    assets: tuple[SheetLine, ...]
    liabilities: tuple[SheetLine, ...]
    equity: tuple[SheetLine, ...]
    result: Money
    total_assets: Money
    total_liabilities: Money
    total_equity: Money
    total_claims: Money
    custody_assets: tuple[SheetLine, ...]
    custody_liabilities: tuple[SheetLine, ...]
    total_custody_assets: Money
    total_custody_liabilities: Money


@dataclass(frozen=True, kw_only=True)
class IncomeStatement:
    """What was earned and spent from one date to another, both included."""

    since: date
    until: date
    income: tuple[SheetLine, ...]
    expenses: tuple[SheetLine, ...]
    total_income: Money
    total_expenses: Money
    result: Money


@dataclass(frozen=True, slots=True)
class _Sum:
    """An account's fen, credit-positive: on the eve of a stretch, and what moved in it."""

    account: str
    opening: int
    debits: int
    credits: int

    @property
    def closing(self) -> int:
        return self.opening - self.debits + self.credits


def trial_balance(
    on: date, *, since: date | None = None, by_code: bool = False, currency: str = "CNY"
) -> TrialBalance:
    """Return the trial balance as of a date; with `since`, opening and movement from that day on.

    Without it everything up to the date is movement. `by_code` sums accounts up to their
    accounting codes, as in force on the date. One line for all wallets.
    """
    codes = codes_on(on)
    sums = _sums(on, since, currency)
    if by_code:
        lines = [
            _line("", code, title, group, currency)
            for (code, title, _, _), group in sorted(_by_code(sums, codes).items())
        ]
    else:
        ordered = sorted(sums, key=lambda one: (_ORDER[_chart(one.account).family], one.account))
        lines = [_line(one.account, *codes.of(one.account), [one], currency) for one in ordered]
    return TrialBalance(since=since, on=on, lines=tuple(lines), totals=_total(lines, currency))


def balance_sheet(on: date, currency: str = "CNY") -> BalanceSheet:
    """Return the balance sheet as of a date."""
    codes, sums = codes_on(on), _sums(on, None, currency)
    own = [one for one in sums if _chart(one.account).book is Book.OWN]
    held = [one for one in sums if _chart(one.account).book is Book.CUSTODY]
    result = sum(
        one.closing for one in own if _chart(one.account).family in (Family.INCOME, Family.EXPENSE)
    )
    assets = _side(own, codes, Family.ASSET, currency)
    liabilities = _side(own, codes, Family.LIABILITY, currency)
    equity = _side(own, codes, Family.EQUITY, currency)
    custody_assets = _side(held, codes, Family.ASSET, currency)
    custody_liabilities = _side(held, codes, Family.LIABILITY, currency)
    total_equity = _sum(equity, currency) + Money(result, currency)
    return BalanceSheet(
        on=on,
        assets=assets,
        liabilities=liabilities,
        equity=equity,
        result=Money(result, currency),
        total_assets=_sum(assets, currency),
        total_liabilities=_sum(liabilities, currency),
        total_equity=total_equity,
        total_claims=_sum(liabilities, currency) + total_equity,
        custody_assets=custody_assets,
        custody_liabilities=custody_liabilities,
        total_custody_assets=_sum(custody_assets, currency),
        total_custody_liabilities=_sum(custody_liabilities, currency),
    )


def income_statement(since: date, until: date, currency: str = "CNY") -> IncomeStatement:
    """Return what was earned and spent from `since` to `until`, both included."""
    codes = codes_on(until)
    moved = [_Sum(one.account, 0, one.debits, one.credits) for one in _sums(until, since, currency)]
    income = _side(moved, codes, Family.INCOME, currency)
    expenses = _side(moved, codes, Family.EXPENSE, currency)
    earned, spent = _sum(income, currency), _sum(expenses, currency)
    return IncomeStatement(
        since=since,
        until=until,
        income=income,
        expenses=expenses,
        total_income=earned,
        total_expenses=spent,
        result=earned - spent,
    )


def _sums(on: date, since: date | None, currency: str) -> list[_Sum]:
    """Return every account (wallets as one) with its opening and movement, if there is any."""
    eve = since - timedelta(days=1) if since else None
    opening = _balances(eve, currency) if eve else {}
    moved = _movements(since, on, currency)
    found = [
        _Sum(account, opening.get(account, 0), *moved.get(account, (0, 0)))
        for account in sorted({*opening, *moved})
    ]
    return [one for one in found if one.opening or one.debits or one.credits]


def _balances(on: date, currency: str) -> dict[str, int]:
    """Return balances as of a date, in fen: the last closed month's, and what came after it."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH kept AS (
                 SELECT max(month) AS month, (max(month) + interval '1 month')::date AS after
                 FROM ledger_period WHERE state IN ('closed', 'reopening')
                   AND (month + interval '1 month')::date - 1 <= %(on)s),
               part AS (
                 SELECT b.account_id, b.closing_minor AS minor
                 FROM ledger_periodbalance b JOIN kept ON kept.month = b.month
                 UNION ALL
                 SELECT p.account_id, sum(p.amount_minor)
                 FROM ledger_posting p
                 WHERE p.value_on >= coalesce((SELECT after FROM kept), date '1900-01-01')
                   AND p.value_on <= %(on)s
                 GROUP BY 1)
               SELECT {_ACCOUNT}, sum(part.minor)
               FROM part JOIN ledger_account a ON a.id = part.account_id
               WHERE a.currency = %(currency)s GROUP BY 1""",  # noqa: S608 - fragments of this file
            {"on": on, "currency": currency},
        )
        return {account: int(minor) for account, minor in cursor.fetchall()}


def _movements(since: date | None, until: date, currency: str) -> dict[str, tuple[int, int]]:
    """Return debits and credits in fen from one date to another: of whole closed months as kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH whole AS (
                 SELECT month, (month + interval '1 month')::date AS after FROM ledger_period
                 WHERE state IN ('closed', 'reopening') AND month >= %(since)s
                   AND (month + interval '1 month')::date - 1 <= %(until)s),
               part AS (
                 SELECT b.account_id, b.debits_minor AS debits, b.credits_minor AS credits
                 FROM ledger_periodbalance b JOIN whole ON whole.month = b.month
                 UNION ALL
                 SELECT p.account_id, -sum(least(p.amount_minor, 0)),
                        sum(greatest(p.amount_minor, 0))
                 FROM ledger_posting p
                 WHERE p.value_on >= %(since)s AND p.value_on <= %(until)s
                   AND NOT (p.value_on >= coalesce((SELECT min(month) FROM whole), %(never)s)
                        AND p.value_on < coalesce((SELECT max(after) FROM whole), %(never)s))
                 GROUP BY 1)
               SELECT {_ACCOUNT}, sum(part.debits), sum(part.credits)
               FROM part JOIN ledger_account a ON a.id = part.account_id
               WHERE a.currency = %(currency)s GROUP BY 1""",  # noqa: S608 - fragments of this file
            {
                "since": since or date(1900, 1, 1),
                "until": until,
                "never": date(1900, 1, 1),
                "currency": currency,
            },
        )
        return {
            account: (int(debited), int(credited))
            for account, debited, credited in cursor.fetchall()
        }


_WALLETS = "wallet"
_ACCOUNT = f"CASE WHEN a.code LIKE 'wallet:%%' THEN '{_WALLETS}' ELSE a.code END"


def _chart(account: str) -> Line:
    line = PREFIXED[_WALLETS] if account == _WALLETS else line_of(account)
    assert line is not None, account
    return line


def _by_code(sums: Iterable[_Sum], codes: Codes) -> dict[tuple[str, str, str, str], list[_Sum]]:
    """Group accounts by code, title, family and book."""
    groups: dict[tuple[str, str, str, str], list[_Sum]] = {}
    for one in sums:
        line = _chart(one.account)
        key = (*codes.of(one.account), line.family.value, line.book.value)
        groups.setdefault(key, []).append(one)
    return groups


def _line(account: str, code: str, title: str, group: list[_Sum], currency: str) -> ReportLine:
    """Sum accounts of one family up to a line."""
    opening = sum(one.opening for one in group)
    closing = sum(one.closing for one in group)
    return ReportLine(
        account=account,
        code=code,
        title=title,
        family=_chart(group[0].account).family.value,
        book=_chart(group[0].account).book.value,
        opening_debit=Money(max(-opening, 0), currency),
        opening_credit=Money(max(opening, 0), currency),
        debits=Money(sum(one.debits for one in group), currency),
        credits=Money(sum(one.credits for one in group), currency),
        closing_debit=Money(max(-closing, 0), currency),
        closing_credit=Money(max(closing, 0), currency),
    )


def _total(lines: Iterable[ReportLine], currency: str) -> ReportLine:
    """Add up the columns; the words of the line stay empty."""
    columns = {name: Money(0, currency) for name in _COLUMNS}
    for line in lines:
        for name in _COLUMNS:
            columns[name] += getattr(line, name)
    return ReportLine(account="", code="", title="", family="", book="", **columns)


_COLUMNS = (
    "opening_debit",
    "opening_credit",
    "debits",
    "credits",
    "closing_debit",
    "closing_credit",
)


def _side(
    sums: Iterable[_Sum], codes: Codes, family: Family, currency: str
) -> tuple[SheetLine, ...]:
    """Return a family's codes with their closing balances, positive as the family reads."""
    sign = -1 if family in (Family.ASSET, Family.EXPENSE) else 1
    totals: dict[tuple[str, str], int] = {}
    for one in sums:
        if _chart(one.account).family is family:
            key = codes.of(one.account)
            totals[key] = totals.get(key, 0) + sign * one.closing
    return tuple(
        SheetLine(code=code, title=title, amount=Money(minor, currency))
        for (code, title), minor in sorted(totals.items())
        if minor
    )


def _sum(lines: Iterable[SheetLine], currency: str) -> Money:
    return Money(sum(line.amount.minor for line in lines), currency)
