"""The sub-ledger held against the books and against itself: law 5 (domain.md, section 3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.closing_days import EndOfDayStep
from rongqiao.lending.servicing.models.loans import BUCKETS, Loan
from rongqiao.lending.servicing.postings import RECEIVABLE
from rongqiao.lending.servicing.queries.portfolio import interest_owed

EXAMPLES = 5


@dataclass(frozen=True, kw_only=True)
class LoansChecked:
    """How many loans were looked at, how many do not add up, and the first of them by number."""

    checked: int
    broken: int
    examples: tuple[str, ...]


def subledger_totals() -> dict[str, Money]:
    """Return what the books must hold on each product's receivable accounts, credit-positive.

    What a closing day has added to loans and not booked yet is left out: the books follow in one
    journal per product.
    """
    columns = [Sum(f"{bucket}_outstanding_minor") for bucket in BUCKETS]
    sums = Loan.objects.order_by("product_code").values_list("product_code").annotate(*columns)
    interest = interest_owed()
    totals: dict[str, int] = {}
    for product, *owed in sums:
        for bucket, minor in zip(BUCKETS, owed, strict=True):
            totals[f"{RECEIVABLE[bucket]}:{product}"] = -minor
        totals[f"{RECEIVABLE['interest']}:{product}"] = -interest[product]
    waiting = EndOfDayStep.objects.filter(booked_at=None, done_at__isnull=False)
    for added in waiting.values_list("totals", flat=True):
        for product, of_product in added.items():
            for bucket, minor in of_product.items():
                totals[f"{RECEIVABLE[bucket]}:{product}"] += minor
    return {code: Money(minor) for code, minor in totals.items()}


# A loan against its sub-ledger lines and against its instalments; interest of the running period is
# on the loan alone until it falls due. The instalments of a written-off loan stand as they stood:
# they are what left the books. What came back of that is the sum of its receipts.
_BROKEN = """
WITH lines AS (
  SELECT loan_id, sum(principal_minor) AS principal, sum(interest_minor) AS interest,
         sum(penalty_minor) AS penalty, sum(fee_minor) AS fee
  FROM servicing_loanentry GROUP BY 1
), parts AS (
  SELECT loan_id, sum(principal_minor) AS lent,
         sum(principal_minor - principal_paid_minor) AS principal,
         sum(interest_charged_minor - interest_paid_minor) AS interest,
         sum(penalty_charged_minor - penalty_paid_minor) AS penalty,
         sum(fee_charged_minor - fee_paid_minor) AS fee
  FROM servicing_instalment GROUP BY 1
), came AS (
  SELECT write_off_id, sum(principal_minor) AS principal, sum(interest_minor) AS interest,
         sum(penalty_minor) AS penalty, sum(fee_minor) AS fee
  FROM servicing_loanrecovery GROUP BY 1
), gone AS (
  SELECT loan_id, principal_minor AS principal, interest_minor AS interest,
         penalty_minor AS penalty, fee_minor AS fee,
         (principal_recovered_minor, interest_recovered_minor, penalty_recovered_minor,
          fee_recovered_minor) IS DISTINCT FROM
           (coalesce(came.principal, 0), coalesce(came.interest, 0), coalesce(came.penalty, 0),
            coalesce(came.fee, 0)) AS is_broken
  FROM servicing_writeoff LEFT JOIN came ON write_off_id = id WHERE state = 'approved'
)
SELECT loan.number FROM servicing_loan AS loan
LEFT JOIN lines ON lines.loan_id = loan.id LEFT JOIN parts ON parts.loan_id = loan.id
LEFT JOIN gone ON gone.loan_id = loan.id
WHERE (loan.principal_outstanding_minor,
       loan.interest_outstanding_minor - loan.period_accrued_minor,
       loan.penalty_outstanding_minor, loan.fee_outstanding_minor)
   IS DISTINCT FROM (lines.principal, lines.interest, lines.penalty, lines.fee)
 OR (loan.principal_minor, loan.principal_outstanding_minor + coalesce(gone.principal, 0),
     loan.interest_outstanding_minor - loan.period_accrued_minor + coalesce(gone.interest, 0),
     loan.penalty_outstanding_minor + coalesce(gone.penalty, 0),
     loan.fee_outstanding_minor + coalesce(gone.fee, 0))
   IS DISTINCT FROM (parts.lent, parts.principal, parts.interest, parts.penalty, parts.fee)
 OR gone.is_broken
 OR (loan.state IN ('written_off', 'recovered')) <> (gone.loan_id IS NOT NULL)
ORDER BY loan.id
"""


def check_loans() -> LoansChecked:
    """Check that every loan is the sum of its lines and of its instalments."""
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN)
        broken = [str(number) for (number,) in cursor.fetchall()]
    return LoansChecked(
        checked=Loan.objects.count(), broken=len(broken), examples=tuple(broken[:EXAMPLES])
    )
