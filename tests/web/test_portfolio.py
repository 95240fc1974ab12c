"""The portfolio's months on the desk: read, narrowed, taken away as files, and looked at."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from rongqiao.finance.money import Money
from rongqiao.insight.reporting.operations.report_month import ReportMonth, report_month
from rongqiao.insight.reporting.queries.estimators import roll_rates, standings, vintages
from rongqiao.insight.reporting.queries.portfolio import list_cohorts
from rongqiao.lending.servicing.models.closing_days import PortfolioDay
from rongqiao.lending.servicing.models.loan_months import LoanMonth
from rongqiao.web.backoffice.portfolio.reports import decimal_of
from tests.makers import journeys
from tests.makers.portfolios import LENT, simulate
from tests.parties.people import make_user

PAGES = ("vintages", "roll-rates", "delinquency", "prepayment", "yield", "provision")
QUERIES = ("product=p", "product=no", "months=12", "months=-1", "measure=amount", "days=90")
FIRST, LAST = date(2025, 1, 31), date(2025, 12, 31)


BY_CLASS = {"pass": 1_000_000_00, "special-mention": 333_33, "substandard": 101, "loss": 70_00}


def day_of(minor):
    counts = {"loans": 1, "loans_overdue": 0, "interest_minor": 0, "penalty_minor": 0}
    return {"product_code": "p", "principal_minor": minor, "fee_minor": 0} | counts


@pytest.fixture
def months(call):
    """A year of a simulated ledger, summed up as the close does it."""
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
        for one in simulate(11, loans=60, months=12, start=date(2025, 1, 1))
    )
    for month in range(1, 13):
        on = date.fromordinal(date(2025 + month // 12, month % 12 + 1, 1).toordinal() - 1)
        report_month(ReportMonth(on=on), call())
        for risk_class, minor in BY_CLASS.items():
            # The day before must not be taken for the month's end.
            for day in (on, on - timedelta(days=1)):
                PortfolioDay.objects.create(on=day, risk_class=risk_class, **day_of(minor))


@pytest.fixture
def analyst(call):
    made = journeys.make_staff(call)
    user_id = make_user()
    journeys.give_role(call, *made.administrators, user_id, "risk_analyst")
    return get_user_model().objects.get(pk=user_id)


@pytest.fixture
def client(static_files, analyst):
    one = Client()
    one.force_login(analyst, backend="allauth.account.auth_backends.AuthenticationBackend")
    return one


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_without_months_says_what_comes_next(client, name):
    page = client.get(reverse(name)).content.decode()
    assert "还没有月末数据" in page
    assert f'href="{reverse("portfolio")}"' in page


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_the_database_a_bounded_number_of_times(client, months, name):
    client.get(reverse(name))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(reverse(name)).status_code == 200
    assert len(asked) <= 12


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("query", QUERIES)
def test_every_state_has_an_address(client, months, name, query):
    assert client.get(f"{reverse(name)}?{query}").status_code == 200


def test_the_matrix_in_the_file_is_the_estimators(client, months):
    heads, *rows = rows_of(client.get(reverse("roll-rates"), {"format": "csv"}))
    rolled = roll_rates(list_cohorts(FIRST, LAST))
    assert len(heads) == 9
    for row, one in zip(rows, rolled, strict=True):
        assert row[1] == str(one.seen)
        assert row[2:] == [str(decimal_of(share)) for share in one.shares.values()]


def test_vintages_in_the_workbook_hold_every_month(client, months):
    answer = client.get(reverse("vintages"), {"format": "xlsx", "days": "90"})
    sheet = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    curves = vintages(list_cohorts(FIRST, LAST), days=90)
    shown = [row for row in sheet if row[0] and str(row[0]).startswith("2025-")]
    assert [row[0] for row in shown] == [f"{one.lent_in:%Y-%m}" for one in curves]
    for row, one in zip(shown, curves, strict=True):
        assert row[1:3] == (one.loans, one.lent / 100)
        assert list(row[3 : 3 + len(one.shares)]) == [float(decimal_of(s)) for s in one.shares]


def test_what_was_owed_by_bucket_stands_on_the_page(client, months):
    page = client.get(reverse("delinquency")).content.decode()
    latest = standings(list_cohorts(FIRST, LAST))[-1]
    assert f"{latest.total / 100:,.2f}" in page
    _heads, *rows = rows_of(client.get(reverse("delinquency"), {"format": "csv"}))
    assert rows[-1][1] == Money(latest.total).text()


def test_provision_is_the_rates_by_class_to_the_fen(client, months):
    _heads, *rows = rows_of(client.get(reverse("provision"), {"format": "csv"}))
    assert len(rows) == 12
    general = (sum(BY_CLASS.values()) + 50) // 100
    special = {"special-mention": 6_67, "substandard": 25, "doubtful": 0, "loss": 70_00}
    total = general + sum(special.values())
    shown = [sum(BY_CLASS.values()), 71_01, general, *special.values(), total]
    assert rows[-1][1:9] == [Money(minor).text() for minor in shown]


@pytest.mark.browser
def test_charts_are_readable_in_every_light_and_exported(
    site, open_page, look, months, analyst, tmp_path
):
    page = open_page(user=analyst)
    page.goto(site(reverse("portfolio")))
    for label in ("账龄曲线", "滚动率", "逾期结构", "提前还款", "收益率", "拨备"):
        page.set_viewport_size({"width": 1440, "height": 900})
        page.locator("main nav").get_by_role("link", name=label).click()
        page.locator("main table").wait_for()
        look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(site(reverse("roll-rates")))
    page.get_by_label("口径").select_option("amount")
    page.get_by_role("button", name="筛选").click()
    page.wait_for_url("**measure=amount**")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").click()
    waiting.value.save_as(tmp_path / "rolls.xlsx")
    assert "月初金额" in {
        cell.value for row in load_workbook(tmp_path / "rolls.xlsx").active for cell in row
    }
