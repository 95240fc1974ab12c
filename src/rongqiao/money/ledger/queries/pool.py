"""The custody book line by line: client money in the pool, and the operator's own next to it."""

from __future__ import annotations

from rongqiao.finance.money import Money
from rongqiao.money.ledger.chart import NAMED, PREFIXED, Book, line_of
from rongqiao.money.ledger.queries.books import trial_balance

# What the custodian keeps by our books, in fen above zero: part of a query that must read it in
# one and the same state of the database as its own tables.
CASH_IN_BOOKS = """coalesce(
  (SELECT -balance_minor FROM ledger_balance WHERE code = 'custodian-cash'), 0)"""


def pool_totals() -> dict[str, Money]:
    """Return every line of the custody book, wallets as one; credit-positive, zero in all."""
    prefixes = {prefix for prefix, line in PREFIXED.items() if line.book is Book.CUSTODY}
    totals = dict.fromkeys(
        [*(code for code, line in NAMED.items() if line.book is Book.CUSTODY), *sorted(prefixes)],
        Money.zero(),
    )
    for row in trial_balance():
        line = row.code.partition(":")[0]
        chart_line = line_of(row.code)
        if line in totals and (line in prefixes or chart_line is not None):
            totals[line] += row.credit - row.debit
    return totals
