"""A borrower on a phone: applies, follows the tracker, signs, pays, pays late, pays off."""

import time
from datetime import date, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.cli.eod import catch_up
from rongqiao.finance.money import Money
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.operations.deciding.recommend import Recommend, recommend
from rongqiao.lending.origination.operations.deciding.take_review import TakeReview, take_review
from rongqiao.lending.servicing.models.loans import Loan
from rongqiao.money.payments.operations.receipts.confirm_receipt import (
    ConfirmReceipt,
    confirm_receipt,
)
from rongqiao.money.payments.operations.receipts.register_receipt import (
    RegisterReceipt,
    register_receipt,
)
from tests.makers import journeys
from tests.parties.people import actor, make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def staff(site, call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def borrower(call, staff):
    return journeys.make_borrower(call)


@pytest.fixture
def page(open_page, borrower):
    return open_page(width=390, user=get_user_model().objects.get(pk=borrower.user_id))


@pytest.fixture
def top_up(call, staff, borrower):
    """Return `top_up(yuan)`: the borrower's transfer, registered by one officer and confirmed."""
    first, second = make_user(), make_user()
    for officer in (first, second):
        journeys.give_role(call, *staff.administrators, officer, "finance")

    def pay_in(yuan):
        noted = register_receipt(
            RegisterReceipt(
                party_id=borrower.party_id,
                amount=Money.yuan(yuan),
                bank_serial="B20260105",
                received_on=date(2026, 1, 5),
                payer="王小明",
            ),
            call(actor=actor(first)),
        )
        confirm_receipt(ConfirmReceipt(receipt_id=noted.receipt_id), call(actor=actor(second)))

    return pay_in


def press(page, name):
    page.locator("main").get_by_role("button", name=name).click()


def until(condition, seconds=15):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def fill_in(page, site, look=lambda _page: None, amount="20000"):
    """From the choice of product to the review, by the pages."""
    page.goto(site(reverse("application-new")))
    look(page)
    page.get_by_role("button", name="开始申请").first.click()
    page.get_by_label("借款金额").fill(amount)
    page.get_by_label("借款期限").fill("12")
    page.get_by_label("借款用途").select_option("education")
    page.get_by_text("综合年化成本（单利）").first.wait_for()
    look(page)
    press(page, "保存并继续")
    page.get_by_label("工作性质").select_option("salaried")
    page.get_by_label("持续月数").fill("60")
    page.get_by_label("月净收入").fill("30000")
    look(page)
    press(page, "保存并继续")
    page.get_by_label("居住情况").select_option("mortgage")
    page.get_by_label("每月须还的其他债务").fill("1000")
    press(page, "保存并继续")
    look(page)
    for kind in journeys.DOCUMENTS["consumer-monthly"]:
        section = page.locator(f"section[aria-labelledby=d-{kind}]")
        file = {"name": "scan.jpg", "mimeType": "image/jpeg", "buffer": journeys.picture()}
        section.locator("input[type=file]").set_input_files(file)
        section.get_by_role("button", name="上传").click()
        section.get_by_text("已上传", exact=True).wait_for()
    look(page)
    page.get_by_role("link", name="核对并提交").last.click()
    page.get_by_label("我确认所填内容和材料真实").check()
    look(page)


def read_and_sign(page, clock, look=lambda _page: None):
    button = page.get_by_role("button", name="我已阅读并知晓全部成本")
    expect(button).to_be_disabled()
    look(page)
    clock.move(timedelta(seconds=60))
    page.reload()
    button.click()
    page.get_by_label("我已阅读并理解合同全文").check()
    look(page)
    press(page, "确认签署")
    # Until the page has gone on, nothing else may be asked of it: a reload would fail.
    page.get_by_role("button", name="确认签署").wait_for(state="detached")


def test_a_loan_lives_its_life_on_a_phone(site, clock, page, look, top_up):
    for name in ("dashboard", "applications", "loans", "wallet", "withdraw"):
        page.goto(site(reverse(name)))
        look(page)
    fill_in(page, site, look)
    press(page, "提交申请")
    page.get_by_role("heading", name="审批方案").wait_for()
    look(page)
    press(page, "接受方案")
    read_and_sign(page, clock, look)
    page.get_by_role("link", name="款项已到账").wait_for()
    look(page)
    page.get_by_role("link", name="款项已到账").click()
    look(page)
    loan = Loan.objects.get()
    address = {name: site(reverse(name, args=[loan.pk])) for name in ("loan", "repay", "payoff")}
    for name in ("loans", "wallet"):
        page.goto(site(reverse(name)))
        look(page)
    page.goto(site(reverse("loan-statement", args=[loan.pk])))
    look(page)
    page.goto(site(reverse("agreement", args=[loan.agreement_id])))
    look(page)

    catch_up(date(2026, 2, 15))
    page.goto(address["loan"])
    page.get_by_text("已逾期 10 天").wait_for()
    look(page)
    page.goto(site(reverse("dashboard")))
    look(page)
    page.goto(address["repay"])
    look(page)
    press(page, "下一步")
    page.get_by_text("这笔还款将这样分配").wait_for()
    page.get_by_text("罚息").first.wait_for()
    look(page)
    press(page, "确认支付")
    page.get_by_text("已还款").wait_for()
    look(page)

    top_up("2000.00")
    page.goto(address["payoff"])
    look(page)
    press(page, "获取结清报价")
    look(page)
    press(page, "确认支付")
    page.get_by_text("借款已结清").wait_for()
    until(lambda: hasattr(Loan.objects.get(), "certificate"))
    page.reload()
    look(page)
    page.get_by_role("link", name="结清证明").click()
    look(page)


def test_the_tracker_asks_every_second_and_moves_by_itself(site, call, page, staff, look):
    fill_in(page, site, amount="60000")
    press(page, "提交申请")
    page.get_by_text("有进展时这里会自动更新").wait_for()
    look(page)
    case = Application.objects.get()
    officer = call(actor=actor(staff.reviewer))
    take_review(TakeReview(application_id=case.pk), officer)
    terms = Recommend(
        application_id=case.pk,
        amount=Money.yuan("60000.00"),
        term_count=12,
        grade="C",
        reason="收入与材料一致",
    )
    recommend(terms, call(actor=actor(staff.reviewer)))
    # How soon the machine answers is its own; that it is asked every second is the page's.
    assert page.locator("[data-poll]").get_attribute("data-every") == "1"
    page.get_by_text("等待复审").first.wait_for()


def test_a_limit_is_drawn_on_a_phone(site, clock, call, borrower, page, look):
    _case, signed = journeys.signed_loan(call, clock, borrower, "daily-revolving")
    page.goto(site(reverse("limit", args=[signed.limit_id])))
    look(page)
    page.get_by_label("提款金额").fill("5000")
    press(page, "试算成本")
    page.get_by_text("到期应还").wait_for()
    look(page)
    press(page, "阅读成本明示表并签署提款合同")
    read_and_sign(page, clock, look)
    until(Loan.objects.exists)
    page.reload()
    page.get_by_role("link", name="查看借款").wait_for()
    expect(page.locator("[data-chart=limit-chart]")).to_be_visible()
    expect(page.get_by_role("table", name="额度使用情况")).to_contain_text("5,000.00")
    look(page)


def test_everything_works_without_scripts(site, clock, open_page, borrower):
    user = get_user_model().objects.get(pk=borrower.user_id)
    page = open_page(width=320, user=user, scripts=False)
    page.goto(site(reverse("application-new")))
    page.get_by_role("button", name="开始申请").first.click()
    page.get_by_label("借款金额").fill("20000")
    page.get_by_label("借款期限").fill("12")
    press(page, "保存草稿")
    page.get_by_text("综合年化成本（单利）").first.wait_for()
    case = Application.objects.get()
    for step, values in journeys.PERSON_ANSWERS.items():
        page.goto(site(reverse("application-step", args=[case.pk, step])))
        for name, value in values.items():
            field = page.locator(f"#id_{name}")
            if name in ("purpose", "employment", "housing"):
                field.select_option(value)
            else:
                field.fill(value)
        press(page, "保存并继续")
    for kind in journeys.DOCUMENTS["consumer-monthly"]:
        section = page.locator(f"section[aria-labelledby=d-{kind}]")
        file = {"name": "scan.jpg", "mimeType": "image/jpeg", "buffer": journeys.picture()}
        section.locator("input[type=file]").set_input_files(file)
        section.get_by_role("button", name="上传").click()
    page.get_by_role("link", name="核对并提交").last.click()
    page.get_by_label("我确认所填内容和材料真实").check()
    press(page, "提交申请")
    press(page, "接受方案")
    clock.move(timedelta(seconds=60))
    press(page, "我已阅读并知晓全部成本")
    page.get_by_label("我已阅读并理解合同全文").check()
    press(page, "确认签署")
    until(Loan.objects.exists)
    page.reload()
    page.get_by_role("link", name="款项已到账").wait_for()


def test_a_borrower_compares_both_ways_prepays_and_sees_the_new_plan(
    site, clock, call, borrower, page, look, open_page
):
    journeys.signed_loan(call, clock, borrower)
    until(Loan.objects.exists)
    loan = Loan.objects.get()
    catch_up(date(2026, 1, 20))
    page.goto(site(reverse("loan", args=[loan.pk])))
    page.get_by_role("link", name="部分提前还款").click()
    look(page)
    page.get_by_label("提前还本金").fill("20000")
    press(page, "比较还法")
    page.get_by_text("允许 0.01 - 19999.99 元").first.wait_for()
    look(page)
    page.get_by_label("提前还本金").fill("10000")
    press(page, "比较还法")
    page.get_by_role("heading", name="缩短期限").wait_for()
    page.get_by_role("heading", name="减少每期还款").wait_for()
    assert page.get_by_text("节省利息").count() == 2
    page.get_by_text("新的还款计划").first.click()
    look(page)
    wide = open_page(width=1440, user=get_user_model().objects.get(pk=borrower.user_id))
    wide.goto(page.url)
    tops = [
        wide.get_by_role("heading", name=name).bounding_box()["y"]
        for name in ("缩短期限", "减少每期还款")
    ]
    assert tops[0] == tops[1], "side by side on a wide screen"
    look(wide)
    press(page, "减少每期还款，确认支付")
    page.get_by_text("新的还款计划已生效").wait_for()
    page.get_by_text("已提前还本").first.wait_for()
    page.get_by_text("提前还款之前的计划").click()
    look(page)
    loan.refresh_from_db()
    assert loan.principal_outstanding_minor == 1_000_000
    assert loan.matures_on == date(2027, 1, 5)
