"""The allowance as its own papers say it must stand in the books (law 5)."""

from __future__ import annotations

from django.db import connection

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.postings import allowance_account

# Approved valuations as they stand on paper, what write-offs drew, and receipts of recovery as far
# as they were booked to the allowance: receipts before it was kept lowered the loss instead.
_TOTALS = """
SELECT product_code, sum(minor)::bigint FROM (
  SELECT product.product_code, product.target_minor - product.opening_minor AS minor
  FROM servicing_allowanceproduct AS product JOIN servicing_allowancerun AS run
    ON run.id = product.run_id AND run.state = 'approved'
  UNION ALL
  SELECT drawn.product_code, drawn.minor
  FROM servicing_allowanceentry AS drawn JOIN servicing_writeoff AS lost
    ON lost.id = drawn.cause_id AND lost.state = 'approved' AND lost.journal_id = drawn.journal_id
  WHERE drawn.kind = 'write-off' AND drawn.minor < 0
  UNION ALL
  SELECT back.product_code, came.principal_minor + came.interest_minor + came.penalty_minor
    + came.fee_minor
  FROM servicing_allowanceentry AS back JOIN servicing_loanrecovery AS came
    ON came.id = back.cause_id AND came.journal_id = back.journal_id
  WHERE back.kind = 'recovery'
) AS papers GROUP BY 1
"""


def allowance_totals() -> dict[str, Money]:
    """Return what the books must hold by account: runs less write-offs plus recoveries."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        return {allowance_account(product): Money(minor) for product, minor in cursor.fetchall()}


def entry_totals() -> dict[str, Money]:
    """Return the same as the entries say that moved it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT product_code, sum(minor)::bigint FROM servicing_allowanceentry GROUP BY 1"
        )
        return {allowance_account(product): Money(minor) for product, minor in cursor.fetchall()}
