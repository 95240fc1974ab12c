"""Reports add up on any date, whether months are closed or not, by account and by code."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongqiao.finance.bookkeeping import Journal, Leg, credit, debit
from rongqiao.finance.money import Money
from rongqiao.money.ledger.closing import Period
from rongqiao.money.ledger.operations.closing.periods.steps import keep_balances
from rongqiao.money.ledger.queries import reports
from rongqiao.money.ledger.queries.books import balance
from rongqiao.money.ledger.queries.exports import export_rows
from tests.money.ledger.closing.conftest import PRODUCT, capital, interest, loan, receipt

pytestmark = pytest.mark.django_db

LATE = date(2026, 1, 31)


def lines(found):
    return {line.account or line.code: line for line in found.lines}


def test_the_trial_balance_counts_by_value_date(two_months):
    december = reports.trial_balance(date(2025, 12, 31))
    assert "wallet" in lines(december)
    assert lines(december)["wallet"].closing_credit == Money(400_000)
    assert lines(reports.trial_balance(LATE))["wallet"].closing_credit == Money(450_000)
    assert december.totals.closing_debit == december.totals.closing_credit
    january = lines(reports.trial_balance(LATE, since=date(2026, 1, 1)))
    cash = january["custodian-cash"]
    assert (cash.opening_debit, cash.debits, cash.credits, cash.closing_debit) == (
        Money(1_000_000), Money(50_000), Money(0), Money(1_050_000),
    )  # fmt: skip
    assert january["operator-capital"].debits == Money(0)


def test_the_trial_balance_by_code_sums_accounts_up(two_months):
    by_code = reports.trial_balance(LATE, by_code=True)
    found = lines(by_code)
    assert found["231401"].closing_credit == Money(450_000)
    assert found["1303"].closing_debit == Money(400_000)
    assert [line.code for line in by_code.lines] == sorted(found)
    assert by_code.totals == reports.trial_balance(LATE).totals


def test_the_balance_sheet_balances_and_leaves_client_money_out(two_months):
    sheet = reports.balance_sheet(LATE)
    assert {line.code: line.amount for line in sheet.assets} == {
        "100201": Money(600_000), "1303": Money(400_000), "113201": Money(1_801),
    }  # fmt: skip
    assert sheet.result == Money(1_801)
    assert sheet.total_assets == sheet.total_claims == Money(1_001_801)
    assert sheet.total_custody_assets == sheet.total_custody_liabilities == Money(1_050_000)
    assert {line.code: line.amount for line in sheet.custody_liabilities} == {
        "231401": Money(450_000), "231404": Money(600_000),
    }  # fmt: skip


def test_the_income_statement_tells_a_stretch_of_days(book, two_months):
    book(
        Journal(
            "bank-fee", "x", date(2026, 1, 4),
            (debit("bank-charges", Money(30)), credit(f"interest-income:{PRODUCT}", Money(30))),
        )
    )  # fmt: skip
    january = reports.income_statement(date(2026, 1, 1), LATE)
    assert (january.total_income, january.total_expenses, january.result) == (
        Money(597), Money(30), Money(567),
    )  # fmt: skip
    both = reports.income_statement(date(2025, 12, 1), LATE)
    assert both.result == Money(1_801) == reports.balance_sheet(LATE).result


def test_empty_books_make_empty_reports(db):
    assert reports.trial_balance(LATE).lines == ()
    assert reports.balance_sheet(LATE).total_claims == Money(0)
    assert reports.income_statement(LATE, LATE).result == Money(0)


def test_exported_rows_balance_and_carry_codes(two_months):
    rows = list(export_rows(date(2025, 12, 1), date(2025, 12, 31)))
    assert [row.journal for row in rows] == sorted(row.journal for row in rows)
    assert sum(row.debit.minor for row in rows) == sum(row.credit.minor for row in rows)
    assert {row.code for row in rows if row.account == "wallet:a"} == {"231401"}
    assert {row.kind for row in rows} == {"capital", "loan-disbursement", "loan-charges"}
    assert len({(row.journal, row.leg) for row in rows}) == len(rows) == 10


def opposite(journal):
    return replace(journal, legs=tuple(Leg(leg.account, -leg.amount) for leg in journal.legs))


DAYS = st.dates(date(2025, 10, 1), date(2026, 1, 31))
MINORS = st.integers(1, 10**9)
HAPPENED = st.one_of(
    st.builds(capital, MINORS, DAYS),
    st.builds(interest, MINORS, DAYS),
    st.builds(receipt, MINORS, DAYS),
    st.builds(loan, st.integers(1, 1000), DAYS),
    st.builds(opposite, st.builds(interest, MINORS, DAYS)),
)


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(st.lists(HAPPENED, min_size=1, max_size=12), st.integers(0, 4), DAYS, st.integers(0, 100))
def test_whatever_happened_and_however_many_months_are_closed_reports_say_the_same(
    book, journals, closed, on, length
):
    since = on - timedelta(days=length)
    point = transaction.savepoint()
    book(capital(10**6, date(2025, 10, 1)), *journals)
    bare = told(since, on)
    months = [date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
    for month in months[:closed]:
        Period.objects.create(
            month=month, state="closed", proposed_by="user:a", decided_by="user:b"
        )
        keep_balances(month)
    assert told(since, on) == bare
    sheet = bare[2]
    assert sheet.total_assets == sheet.total_claims
    assert sheet.total_custody_assets == sheet.total_custody_liabilities
    for found in bare[:2]:
        totals = found.totals
        assert totals.debits == totals.credits
        assert totals.opening_debit == totals.opening_credit
        assert totals.closing_debit == totals.closing_credit
    whole = lines(reports.trial_balance(LATE))
    for code in ("custodian-cash", "operator-capital"):
        assert whole[code].closing_credit - whole[code].closing_debit == balance(code)
    transaction.savepoint_rollback(point)


def told(since, on):
    return (
        reports.trial_balance(on, since=since),
        reports.trial_balance(on, since=since, by_code=True),
        reports.balance_sheet(on),
        reports.income_statement(since, on),
    )
