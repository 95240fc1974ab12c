"""A borrower on a phone draws the second sum of a loan: the new plan first, then the money."""

import time
from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.lending.servicing.models.loans import Loan
from tests.makers import journeys

pytestmark = pytest.mark.browser
ASKED = {"amount": "50000.00", "monthly_income": "30000.00", "purpose": "home-improvement"}


@pytest.fixture
def borrower(site, call):
    journeys.publish_first_products(call, journeys.make_staff(call))
    return journeys.make_borrower(call)


@pytest.fixture
def page(open_page, borrower):
    return open_page(width=390, user=get_user_model().objects.get(pk=borrower.user_id))


def test_the_second_sum_is_drawn_on_a_phone(site, clock, call, borrower, page, look):
    first = Money.yuan("20000.00")
    journeys.signed_loan(call, clock, borrower, "renovation-stages", first, **ASKED)
    end = time.monotonic() + 60
    while not Loan.objects.exists():
        assert time.monotonic() < end, "nothing was lent in time"
        time.sleep(0.1)
    loan = Loan.objects.get()
    catch_up(date(2026, 1, 20))
    page.goto(site(reverse("loan", args=[loan.pk])))
    page.get_by_role("link", name="提取借款").click()
    expect(page.get_by_role("heading", name="尚可提取")).to_be_visible()
    look(page)
    main = page.locator("main")
    page.get_by_label("提取金额").fill("30000.01")
    main.get_by_role("button", name="查看新的还款计划").click()
    expect(page.get_by_text("请填 5000.00 到 30000.00 元").first).to_be_visible()
    look(page)
    page.get_by_label("提取金额").fill("20000")
    main.get_by_role("button", name="查看新的还款计划").click()
    expect(page.get_by_role("heading", name="新的还款计划")).to_be_visible()
    look(page)
    main.get_by_role("button", name="确认提取").click()
    expect(page.get_by_text("已放款 20,000.00 元")).to_be_visible()
    page.get_by_text("再次放款之前的计划").click()
    look(page)
    loan.refresh_from_db()
    assert loan.principal_minor == 4_000_000
