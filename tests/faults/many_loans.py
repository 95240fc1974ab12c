"""Thousands of loans at once: a few are lent, then copied row by row inside the database."""

from decimal import Decimal

from django.db import connection

from rongqiao.config.places import django_database
from rongqiao.finance.money import Money
from rongqiao.lending.servicing import postings
from rongqiao.lending.servicing.models.loans import Instalment, Loan, LoanEntry
from rongqiao.money.ledger.operations.post import post
from rongqiao.platform.postgres.connecting import pointed_at
from tests.makers.loans import Lend, capital, lend, uuid_of
from tests.money.ledger.conftest import act

FIRST_PARTY = 7_000_000
# Ways to lend that make every step of a closing day do something.
WAYS = (
    {"rate": Decimal("0.12"), "terms": 3, "method": "equal_instalment", "day_count": "30/360"},
    {"rate": Decimal("0.1799"), "terms": 12, "method": "equal_principal", "day_count": "act/365f"},
    {"rate": Decimal("0.0345"), "terms": 24, "method": "interest_only", "day_count": "act/360"},
    {"rate": Decimal("0.24"), "terms": 1, "method": "bullet", "day_count": "act/act_isda"},
    {
        "rate": Decimal("0.075"),
        "terms": 6,
        "method": "flat",
        "day_count": "30/360",
        "fee_each": 1_234,
    },
)
LATER_ID = {"loan_id": "md5(old.loan_id::text || n)::uuid"}
LOAN_ID = {
    "id": "md5(old.id::text || n)::uuid",
    "number": "old.number || '-' || n",
    "agreement_id": "md5(old.agreement_id::text || n)::uuid",
}


def lend_many(live_db, call, many, **terms):
    """Lend `many` loans in as many ways as there are; the books follow in one journal each."""
    copies = many // len(WAYS) - 1
    for number, way in enumerate(WAYS):
        principal = 1_000_003 + 77_777 * number
        party = uuid_of(FIRST_PARTY + number)
        asked = Lend(principal=principal, party=party, product=f"way-{number}", **way, **terms)
        loan_id = lend(asked, call()).loan_id
        loan = Loan.objects.get(pk=loan_id)
        with pointed_at(django_database(live_db.owner_url)):
            copy(Loan, "id", loan_id, copies, LOAN_ID)
            # Instalments and entries name their loan; their own numbers are drawn anew.
            copy(Instalment, "loan_id", loan_id, copies, LATER_ID)
            copy(LoanEntry, "loan_id", loan_id, copies, LATER_ID)
        sum_lent, document = Money(principal * copies), f"{loan.number}-all"
        journals = [
            capital(document, call().on, sum_lent),
            postings.disbursement(document, f"way-{number}", party, sum_lent, call().on),
        ]
        act(lambda c, journals=journals: post(journals, c), call())
    with pointed_at(django_database(live_db.owner_url)), connection.cursor() as cursor:
        cursor.execute("ANALYZE servicing_loan, servicing_instalment, servicing_loanentry")
    return len(WAYS) * (copies + 1)


def copy(model, key, value, copies, changed):
    """Copy the rows of a table whose `key` is `value`, with some columns changed."""
    table = model._meta.db_table
    columns = [field.column for field in model._meta.concrete_fields]
    if "id" not in changed:
        columns.remove("id")
    chosen = [changed.get(column, f'old."{column}"') for column in columns]
    named = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({named}) SELECT {', '.join(chosen)}"
            f" FROM {table} old, generate_series(1, %s) n WHERE old.{key} = %s",
            [copies, value],
        )


# Interest of an instalment earned before a date: whole once due, by calendar days, half up.
OWED = """
WITH earned AS (
  SELECT i.loan_id, sum(CASE
      WHEN i.due_on <= %(on)s THEN i.interest_minor
      WHEN i.from_on < %(on)s THEN floor(
        i.interest_minor * (%(on)s::date - i.from_on)::numeric / (i.due_on - i.from_on) + 0.5)
      ELSE 0 END)::bigint AS interest
  FROM servicing_instalment i GROUP BY 1
), paid AS (
  SELECT loan_id, -sum(interest_minor) AS interest FROM servicing_loanentry
  WHERE kind IN ('repayment', 'payoff', 'settlement') GROUP BY 1)
SELECT count(*), count(*) FILTER (WHERE loan.interest_outstanding_minor
         - loan.period_accrued_minor + servicing_booked(loan, %(on)s)
         <> earned.interest - coalesce(paid.interest, 0)),
       sum(loan.interest_outstanding_minor - loan.period_accrued_minor
         + servicing_booked(loan, %(on)s))::bigint,
       sum(earned.interest - coalesce(paid.interest, 0))::bigint
FROM servicing_loan loan JOIN earned ON earned.loan_id = loan.id
LEFT JOIN paid ON paid.loan_id = loan.id
"""


def interest_owed(on):
    """Return loans, those with another interest than earned before `on`, sum owed, sum earned.

    What is earned is worked out anew from each loan's plan and the calendar.
    """
    with connection.cursor() as cursor:
        cursor.execute(OWED, {"on": on})
        return cursor.fetchone()
