"""What is kept of a month is what the loans and the books say, and sums up to the same figures."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError

from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.insight.reporting.models import CohortMonth, EarnedMonth
from rongqiao.insight.reporting.operations.report_month import ReportMonth, report_month
from rongqiao.insight.reporting.queries.portfolio import list_cohorts, list_earned, months_kept
from rongqiao.lending.servicing.models.loan_months import LoanMonth
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.lending.servicing.operations.end_of_day.take_month import TakeMonth, take_month
from rongqiao.money.ledger.queries.reports import income_statement
from rongqiao.platform import clock as platform_clock
from tests.makers.loans import Lend, lend, uuid_of
from tests.makers.portfolios import LENT, simulate, summed_up

WEALTH = 10**9


def close_to(day, clock):
    """Close business days until `day` is open, the clock along with them."""
    while (on := platform_clock.business_date()) < day:
        catch_up(on + timedelta(days=1))
        clock.move(timedelta(days=1))


def kept(on):
    return {row.loan_id: row for row in LoanMonth.objects.filter(on=on)}


def test_sums_of_the_database_are_those_of_the_plain_way(clock, call):
    ledger = simulate(5, loans=40, months=8, start=date(2025, 1, 1))
    LoanMonth.objects.bulk_create(
        LoanMonth(
            on=one.on,
            loan_id=one.loan_id,
            product_code=one.product,
            lent_in=one.lent_in,
            bucket=one.place,
            worst=one.worst,
            risk_class="pass",
            lent_minor=LENT,
            principal_minor=one.owed,
            expected_minor=one.expected,
        )
        for one in ledger
    )
    for on in sorted({one.on for one in ledger}):
        report_month(ReportMonth(on=on), call())
    read = list_cohorts(date(2025, 1, 31), date(2025, 8, 31))
    assert sorted(read, key=repr) == sorted(summed_up(ledger), key=repr)
    assert list_cohorts(date(2025, 1, 31), date(2025, 8, 31), "q") == ()
    found = months_kept()
    assert (found.first, found.last) == (date(2025, 1, 31), date(2025, 8, 31))
    assert found.products == ("p",)
    with pytest.raises(DatabaseError, match="permission denied"):
        CohortMonth.objects.update(loans=1)


def test_a_month_keeps_every_loan_as_it_stands_and_how_the_others_left(clock, call):
    plain = lend(Lend(principal=120_000, party=uuid_of(1), terms=12, wallet=0), call()).loan_id
    short = lend(Lend(principal=120_000, party=uuid_of(2), terms=1, wallet=WEALTH), call()).loan_id
    Loan.objects.filter(pk=short).update(is_debit_authorised=True)
    close_to(date(2026, 3, 1), clock)
    february = date(2026, 2, 28)
    rows = kept(february)
    assert set(rows) == {plain, short}
    late = Loan.objects.get(pk=plain)
    assert (rows[plain].bucket, rows[plain].principal_minor) == (1, 120_000)
    due = late.instalments.filter(due_on__lte=date(2026, 3, 31)).values_list(
        "principal_minor", flat=True
    )
    assert rows[plain].expected_minor == sum(due)
    assert (rows[short].bucket, rows[short].principal_minor) == (5, 0)
    assert take_month(TakeMonth(on=february), call(key="again")).changed == 0
    close_to(date(2026, 4, 1), clock)
    assert {key: row.bucket for key, row in kept(date(2026, 3, 31)).items()} == {plain: 2}
    assert kept(date(2026, 3, 31))[plain].worst == 1


def test_only_the_last_day_of_a_month_is_kept(clock, call):
    with pytest.raises(ValueError, match="2026-01-30"):
        take_month(TakeMonth(on=date(2026, 1, 30)), call())


def test_what_a_month_earned_is_what_the_books_say(clock, call):
    for number, product in ((1, "alpha"), (2, "beta")):
        terms = Lend(principal=10**7, party=uuid_of(number), product=product, fee_each=100)
        lend(terms, call())
    close_to(date(2026, 3, 1), clock)
    (earned,) = list_earned(date(2026, 2, 1), date(2026, 2, 28))
    books = income_statement(date(2026, 2, 1), date(2026, 2, 28))
    assert Money(earned.interest + earned.penalty + earned.fee) == books.total_income
    assert 0 not in (earned.interest, earned.penalty, earned.fee)
    assert EarnedMonth.objects.filter(on=date(2026, 2, 28)).count() == 2
