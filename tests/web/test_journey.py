"""The whole way in a browser: estimate, register, apply, two officers, sign, pay, late, pay off."""

import re
import threading
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from rongqiao.cli.eod import catch_up
from rongqiao.cli.verify import check_all
from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.servicing.queries.loans import get_loan, list_loans
from rongqiao.parties import queries as parties
from rongqiao.platform import relay
from rongqiao_sandboxes.sms import serve
from tests.makers import journeys
from tests.parties.people import make_user, resident

pytestmark = pytest.mark.browser

PHONE = "13812345678"
SECRET = "shared secret of a test"
PASSWORD = "correct horse 47"
NOON = datetime(2026, 1, 5, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def inbox(site, settings, tmp_path):
    """The SMS gateway's twin."""
    server = serve(0, tmp_path, SECRET, site("/hooks/sms"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}"
    settings.SMS_GATEWAY_SECRET = SECRET
    yield settings.SMS_GATEWAY_URL
    server.shutdown()
    server.server_close()


def user(user_id):
    return get_user_model().objects.get(pk=user_id)


def press(page, name):
    page.locator("main").get_by_role("button", name=name).first.click()


def follow(page, name):
    page.locator("main").get_by_role("link", name=name).first.click()


def says(page, text):
    page.locator("main").get_by_text(text).first.wait_for()


def code_from(page, inbox):
    for _ in range(600):
        page.goto(f"{inbox}/?phone={PHONE}")
        found = re.search(r"验证码 (\d{6})", page.inner_text("main"))
        if found:
            return found.group(1)
        page.wait_for_timeout(100)
    raise AssertionError("no message came")


def live_until(clock, day):
    """Close the days before `day` and stand at its noon."""
    clock.instant = NOON + timedelta(days=(day - NOON.date()).days)
    catch_up(day)
    relay.drain(SUBSCRIBERS)


def estimate(page, site, look):
    page.goto(site("/estimate/"))
    page.get_by_label("每月到手收入").fill("12000")
    page.get_by_label("每月要还的其他借款").fill("1000")
    page.get_by_label("现在的工作做了多少个月").fill("60")
    page.get_by_label("打算借多久").fill("12")
    press(page, "看看能借多少")
    page.wait_for_url(re.compile("monthly_income=12000"))
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})


def register(page, mail, site, inbox):
    page.goto(site("/account/signup/"))
    page.get_by_label("手机号").fill(PHONE)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("我已阅读并同意下列协议").check()
    press(page, "注册")
    page.get_by_label("验证码").fill(code_from(mail, inbox))
    press(page, "确认")
    page.wait_for_url(lambda address: "/verify" not in address)
    page.goto(site("/account/identity/"))
    page.get_by_label("姓名").fill("王小明")
    page.get_by_label("身份证号").fill(resident(3))
    press(page, "登记")
    page.wait_for_url(lambda address: "/identity" not in address)


def apply(page, site, look, tmp_path):
    page.goto(site("/my/applications/new/"))
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    press(page, "开始申请")
    page.get_by_label("借款金额").fill("-5")
    page.get_by_label("借款期限").fill("12")
    press(page, "保存并继续")
    says(page, "不对")
    assert page.get_by_label("借款期限").input_value() == "12"
    page.get_by_label("借款金额").fill("60000")
    page.get_by_label("借款用途").select_option("education")
    press(page, "保存并继续")
    page.get_by_label("工作性质").select_option("salaried")
    page.get_by_label("持续月数").fill("60")
    page.get_by_label("月净收入").fill("12000")
    press(page, "保存并继续")
    page.get_by_label("居住情况").select_option("mortgage")
    page.get_by_label("每月须还的其他债务").fill("1000")
    press(page, "保存并继续")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(journeys.picture())
    page.wait_for_url(re.compile("documents"))
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    while page.locator(
        "main form", has=page.locator("button", has_text=re.compile("^上传"))
    ).count():
        form = page.locator("main form", has=page.locator("button", has_text=re.compile("^上传")))
        form.first.locator("input[type=file]").set_input_files(photo)
        form.first.locator("button").click()
        page.wait_for_load_state()
    follow(page, "核对并提交")
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator("main input[type=checkbox]").check()
    press(page, "提交申请")
    says(page, "正在人工审核")
    look(page)


def review(page, site, look, path):
    """The reviewer takes the case by keyboard and recommends it."""
    page.goto(site("/desk/queue/"))
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(re.compile("/desk/cases/"))
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.keyboard.press("t")
    says(page, "已办理")
    page.keyboard.press("a")
    form = page.locator("form", has=page.get_by_role("button", name="建议通过", exact=True))
    form.locator("textarea").fill("收入流水与申请一致，负担可控。")
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    form.get_by_role("button", name="建议通过", exact=True).click()
    says(page, "已办理")
    return page.url


def approve(page, address):
    page.goto(address)
    page.locator("textarea").first.fill("同意初审意见。")
    press(page, "确认通过")
    says(page, "已办理")


def read_and_sign(page, site, clock, look):
    press(page, "接受方案，查看全部成本")
    if page.get_by_role("button", name="阅读综合融资成本明示表并签约").count():
        press(page, "阅读综合融资成本明示表并签约")
    page.wait_for_url(re.compile("/cost-sheets/"))
    confirm = page.get_by_role("button", name=re.compile("我已阅读并知晓全部成本"))
    expect(confirm).to_be_disabled()
    sheet = page.url
    early = page.request.get(sheet + "sign/", max_redirects=0)
    assert early.status in (403, 409)
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    clock.move(timedelta(minutes=5))
    page.reload()
    page.get_by_role("button", name=re.compile("我已阅读并知晓全部成本$")).click(timeout=60_000)
    page.wait_for_url(re.compile("/sign/"))
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator("main input[type=checkbox]").check()
    press(page, "确认签署")
    page.wait_for_url(lambda address: "/sign/" not in address)


def pay_due(page, site, loan_id):
    page.goto(site(f"/my/loans/{loan_id}/repay/"))
    press(page, "下一步：核对")
    press(page, re.compile("^确认支付"))
    page.wait_for_url(re.compile(f"/my/loans/{loan_id}/"))


def top_up(open_page, site, look, officers, number):
    """One finance officer registers the customer's transfer, another confirms it."""
    first, second = (open_page(user=user(one)) for one in officers)
    first.goto(site("/desk/money/receipts/new/"))
    first.get_by_label(re.compile("客户手机号")).fill(number)
    first.get_by_label("金额").fill("30000")
    first.get_by_label("付款人户名").fill("王小明")
    first.get_by_label("银行流水号").fill("BANK-2026-0001")
    press(first, "登记")
    says(first, "等待另一位财务人员确认")
    assert first.locator("main").get_by_role("button", name="确认", exact=True).count() == 0
    second.goto(site("/desk/money/movements/"))
    look(second)
    press(second, "确认")
    says(second, "已办理")


def test_a_loan_from_estimate_to_certificate(site, inbox, open_page, look, call, clock, tmp_path):
    staff = journeys.make_staff(call)
    officers = (make_user(), make_user())
    for one in officers:
        journeys.give_role(call, *staff.administrators, one, "finance")
    journeys.publish_first_products(call, staff)

    phone, mail = open_page(width=390), open_page(width=390)
    estimate(phone, site, look)
    register(phone, mail, site, inbox)
    apply(phone, site, look, tmp_path)
    tracker = phone.url

    reviewer, approver = open_page(user=user(staff.reviewer)), open_page(user=user(staff.approver))
    case = review(reviewer, site, look, tracker)
    phone.get_by_text("等待复审").first.wait_for()
    reviewer.goto(case)
    assert reviewer.get_by_role("button", name="确认通过").count() == 0
    approve(approver, case)
    phone.get_by_text("审批通过").first.wait_for()
    phone.reload()
    phone.set_viewport_size({"width": 390, "height": 900})
    read_and_sign(phone, site, clock, look)

    party_id = parties.list_parties_of(parties.find_user_by_phone(PHONE))[0].id
    for _ in range(600):
        loans = list_loans(party_id, date(2026, 1, 5))
        if loans:
            break
        phone.wait_for_timeout(100)
    (loan,) = loans
    detail = get_loan(loan.id, date(2026, 1, 5))
    dues = [row.due_on for row in detail.rows]

    for due in dues[:3]:
        live_until(clock, due)
        pay_due(phone, site, loan.id)
    live_until(clock, dues[3] + timedelta(days=12))
    phone.goto(site(f"/my/loans/{loan.id}/"))
    says(phone, "逾期")
    look(phone)
    late = get_loan(loan.id, dues[3] + timedelta(days=12))
    assert late.card.owed_now.penalty.minor > 0
    phone.set_viewport_size({"width": 390, "height": 900})
    pay_due(phone, site, loan.id)
    top_up(open_page, site, look, officers, late.card.number)

    phone.goto(site(f"/my/loans/{loan.id}/payoff/"))
    press(phone, "获取结清报价")
    look(phone)
    press(phone, re.compile("^确认支付.*结清$"))
    phone.wait_for_url(lambda address: "payoff" not in address)
    relay.drain(SUBSCRIBERS)
    phone.goto(site(f"/my/loans/{loan.id}/certificate/"))
    look(phone)
    proof = phone.locator("main a[href*='/verify/certificate/']").get_attribute("href")
    stranger = open_page(width=390)
    stranger.goto(site(re.sub(r"^https?://[^/]+", "", proof)))
    says(stranger, "王*")
    assert "王小明" not in stranger.inner_text("main")
    look(stranger)
    for path in ("", "loans/", "wallet/", "applications/", f"loans/{loan.id}/statement/"):
        phone.goto(site(f"/my/{path}"))
        look(phone)
    broken = [law for law in check_all() if law.broken]
    assert broken == []
