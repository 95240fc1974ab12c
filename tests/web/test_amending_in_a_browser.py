"""Restructuring and early recall in a real browser: one proposes, another agrees, one reads it."""

import time
from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.cli.eod import catch_up
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers.loans import assert_books_hold
from tests.parties.people import make_user
from tests.web.finance_desk import user

pytestmark = pytest.mark.browser


def settle():
    """Wait until the site's worker has told every fact."""
    end = time.monotonic() + 30
    while relay.undelivered():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def hire(call, clock):
    """Return `hire(role)`: somebody new who holds it."""
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)

    def make(role):
        user_id = make_user()
        journeys.give_role(call, *staff.administrators, user_id, role)
        return user(user_id)

    return make


@pytest.fixture
def borrower(call, hire):
    return journeys.make_borrower(call)


@pytest.fixture
def late(site, call, clock, borrower):
    """A loan lent on 5 January whose first two instalments were never paid."""
    journeys.signed_loan(call, clock, borrower)
    settle()
    catch_up(date(2026, 3, 20))
    return Loan.objects.get()


def test_a_late_loan_is_restructured_by_two_and_its_borrower_reads_the_new_plan(
    site, late, hire, borrower, open_page, look
):
    first = open_page(user=hire("reviewer"))
    first.goto(site(reverse("desk-loan", args=[late.pk])))
    first.get_by_role("link", name="变更还款安排").click()
    first.get_by_label("变更方式").select_option("restructuring")
    first.get_by_label("月数（展期、宽限、重组）").fill("6")
    first.get_by_label("新的年利率（固定利率、重组）").fill("5")
    first.get_by_role("button", name="试算").click()
    expect(first.get_by_text("观察期最早结束")).to_be_visible()
    look(first)
    first.get_by_label("借款人申请书编号").fill("SQ-2026-07")
    first.get_by_label("变更理由").fill("停工三个月，预计六月复工")
    first.get_by_label("财务困难证明材料编号").fill("停产证明 2026-7")
    first.get_by_role("button", name="提交复核").click()
    expect(first.get_by_text("变更已提交，等待另一位复核。")).to_be_visible()
    expect(first.get_by_role("button", name="批准变更")).to_have_count(0)
    look(first)
    second = open_page(user=hire("approver"))
    second.goto(site(reverse("loan-changes", args=[late.pk])))
    expect(second.get_by_text("停产证明 2026-7")).to_be_visible()
    look(second)
    second.get_by_role("button", name="批准变更").click()
    expect(second.get_by_text("观察期到")).to_be_visible()
    look(second)
    second.goto(site(reverse("watched")))
    expect(second.get_by_text(late.number)).to_be_visible()
    look(second)
    reader = open_page(user=user(borrower.user_id))
    reader.goto(site(reverse("loan", args=[late.pk])))
    expect(reader.get_by_text("这笔借款已因财务困难重组")).to_be_visible()
    expect(reader.get_by_text("变更之前的计划").first).to_be_visible()
    look(reader)
    reader.get_by_role("link", name="补充协议").click()
    expect(reader.get_by_role("heading", level=1, name="补充协议")).to_be_visible()
    look(reader)
    assert_books_hold()


def test_a_loan_is_called_back_with_notice_and_its_borrower_reads_when_and_what(
    site, late, hire, borrower, open_page, look
):
    first = open_page(user=hire("collector"))
    first.goto(site(reverse("loan-recalls", args=[late.pk])))
    look(first)
    first.get_by_label("违约情形").select_option("overdue")
    first.get_by_label("宽限天数").fill("10")
    first.get_by_role("button", name="试算").click()
    expect(first.get_by_text("不再收取的利息")).to_be_visible()
    look(first)
    first.get_by_label("违约证据或催收记录编号").fill("催收记录 7")
    first.get_by_label("说明").fill("多次联系，未按承诺还款")
    first.get_by_role("button", name="提交复核").click()
    expect(first.get_by_text("提前到期已提交，等待另一位复核。")).to_be_visible()
    second = open_page(user=hire("approver"))
    second.goto(site(reverse("loan-recalls", args=[late.pk])))
    look(second)
    second.get_by_role("button", name="批准并通知借款人").click()
    expect(second.get_by_text("已通知，宽限期内")).to_be_visible()
    look(second)
    reader = open_page(user=user(borrower.user_id))
    reader.goto(site(reverse("loan", args=[late.pk])))
    expect(reader.get_by_text("贷款人已通知这笔借款将在")).to_be_visible()
    look(reader)
    settle()
    reader.goto(site(reverse("notices")))
    expect(reader.get_by_text("将在该日提前到期")).to_be_visible()
    look(reader)
    catch_up(date(2026, 4, 2))
    reader.goto(site(reverse("loan", args=[late.pk])))
    expect(reader.get_by_text("以后的利息不再收取")).to_be_visible()
    look(reader)
    second.goto(site(reverse("loan-recalls", args=[late.pk])))
    expect(second.get_by_text("已提前到期", exact=True)).to_be_visible()
    look(second)
    assert_books_hold()
