"""A newcomer on a phone registers, reads the code in the SMS inbox, says who they are."""

import re
import threading

import pytest

from rongqiao.parties import queries
from rongqiao.parties.models import SmsMessage
from rongqiao_sandboxes.sms import serve
from tests.parties.people import card, resident

pytestmark = pytest.mark.browser

PHONE = "13812345678"
SECRET = "shared secret of a test"


@pytest.fixture
def inbox(site, settings, tmp_path):
    """The SMS gateway's twin, which calls the site back."""
    server = serve(0, tmp_path, SECRET, site("/hooks/sms"))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}"
    settings.SMS_GATEWAY_SECRET = SECRET
    yield settings.SMS_GATEWAY_URL
    server.shutdown()
    server.server_close()


def press(page, name):
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def code_from(page, inbox):
    """Read the newest code on the inbox page, waiting for the worker to send it."""
    for _ in range(600):
        page.goto(f"{inbox}/?phone={PHONE}")
        found = re.search(r"验证码 (\d{6})", page.inner_text("main"))
        if found:
            return found.group(1)
        page.wait_for_timeout(100)
    raise AssertionError("no message came")


def register(page, inbox_page, site, inbox):
    page.goto(site("/account/signup/"))
    page.get_by_label("手机号").fill(f"+86 {PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}")
    page.get_by_label("密码").fill("correct horse 47")
    page.get_by_label("我已阅读并同意下列协议").check()
    press(page, "注册")
    page.get_by_label("验证码").fill(code_from(inbox_page, inbox))
    press(page, "确认")
    page.wait_for_url(lambda address: "/verify" not in address)


def test_a_newcomer_registers_by_phone_and_says_who_they_are(
    site, inbox, registries, open_page, look
):
    page, inbox_page = open_page(width=390), open_page(width=390)
    for path in ("login/", "login/code/", "signup/", "signup/email/", "texts/privacy/"):
        page.goto(site(f"/account/{path}"))
        look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    register(page, inbox_page, site, inbox)
    look(inbox_page)
    page.goto(site("/account/identity/"))
    look(page)
    page.get_by_label("姓名").fill("王小明")
    page.get_by_label("身份证号").fill("110105194912310021")
    press(page, "登记")
    assert "最后一位校验码不符" in page.inner_text("main")
    assert page.get_by_label("姓名").input_value() == "王小明"
    look(page)
    page.get_by_label("身份证号").fill(resident(3))
    press(page, "登记")
    page.goto(site("/account/bank-account/"))
    look(page)
    page.get_by_label("开户银行").fill("中国工商银行")
    page.get_by_label("户名").fill("王小明")
    page.get_by_label("账号").fill(card(3))
    page.get_by_label("我单独同意《身份与账户核验授权书》").check()
    press(page, "添加")
    page.wait_for_url(site("/account/"))
    assert f"6222***********{card(3)[-4:]}" in page.inner_text("main")
    for path in (
        *("", "organization/", "consents/", "sessions/", "password/new/"),
        *("inquiries/", "logout/"),
    ):
        page.goto(site(f"/account/{path}"))
        look(page)
    user_id = queries.find_user_by_phone(PHONE)
    assert [view.kind for view in queries.list_parties_of(user_id)] == ["person"]


def test_registering_works_without_scripts_and_the_delivery_is_told(site, inbox, open_page):
    page, inbox_page = open_page(width=390, scripts=False), open_page(width=390)
    register(page, inbox_page, site, inbox)
    page.goto(site("/account/"))
    assert "138****5678" in page.inner_text("main")
    for _ in range(600):
        if SmsMessage.objects.get().state == "delivered":
            break
        page.wait_for_timeout(100)
    assert SmsMessage.objects.get().state == "delivered"
