"""An owner on a phone: binds a card, tops up, waits a day, withdraws, reads the statement."""

import csv
import io
import re
import threading

import httpx
import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.parties.queries import list_bank_accounts
from rongqiao.platform import relay
from rongqiao_sandboxes.sms import serve
from tests.makers import journeys
from tests.parties.people import card

pytestmark = pytest.mark.browser
PHONE, SECRET = "13812345678", "shared secret of a test"


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


@pytest.fixture
def owner(bank, site, call):
    """Somebody with a phone; the bank knows two cards of theirs, the platform none."""
    made = journeys.make_borrower(call)
    relay.drain(SUBSCRIBERS)
    phone = SetPhone(user_id=made.user_id, phone=PHONE, is_proved=True)
    set_phone(phone, call(actor="system:test"))
    for number in (1, 2):
        bank.card(card(number), "王小明", balance="5000.00")
    return made


@pytest.fixture
def settled(bank, site):
    """Return `settled()`: the bank settles what is due and calls the site, signed."""

    def settle():
        assert bank.settle() == 1
        for call in bank.callbacks():
            address = site(call["path"])
            answer = httpx.post(address, content=call["body"], headers=call["headers"])
            assert answer.status_code == 200, answer.text

    return settle


def steady(page):
    """Wait until the parts that ask again have asked once: they draw themselves anew then."""
    if page.locator("[data-poll]").count():
        page.locator("[data-poll][data-last]").wait_for()


def press(page, name):
    page.locator("main").get_by_role("button", name=name).click()


def follow(page, name):
    page.locator("main").get_by_role("link", name=name).first.click()


def code_from(page, inbox):
    """Read the newest code on the inbox page, waiting for the worker to send it."""
    for _ in range(600):
        page.goto(f"{inbox}/?phone={PHONE}")
        found = re.search(r"验证码 (\d{6})", page.inner_text("main"))
        if found:
            return found.group(1)
        page.wait_for_timeout(100)
    raise AssertionError("no message came")


def bind(page, site, number):
    """Add a card and see the bank's answer come by itself."""
    page.goto(site(reverse("wallet-cards")))
    follow(page, "绑定银行卡")
    page.get_by_label("开户银行").fill("中国银行")
    page.get_by_label("户名").fill("王小明")
    page.get_by_label("账号").fill(card(number))
    agreeing = page.get_by_label("我单独同意《身份与账户核验授权书》")
    if agreeing.count():
        agreeing.check()
    press(page, "添加")
    page.locator("main li").filter(has_text=card(number)[-4:]).get_by_text("已绑定").wait_for()


def lines_on(page):
    """Return document, amount and balance of every line of the statement as it is shown."""
    rows = page.locator("main table tbody tr").all()
    return [
        tuple(
            row.locator(f'td[data-label="{label}"]').inner_text().lstrip("+").replace(",", "")
            for label in ("凭据", "收支", "余额")
        )
        for row in rows
    ]


def test_money_comes_in_waits_a_day_and_goes_out(
    site, clock, bank, registries, owner, inbox, settled, open_page, look, tmp_path
):
    def see(page):
        steady(page)
        look(page)

    user = get_user_model().objects.get(pk=owner.user_id)
    page, letters = open_page(width=390, user=user), open_page(width=390)
    for name in ("wallet", "wallet-statement", "wallet-cards", "top-up", "auto-debit"):
        page.goto(site(reverse(name)))
        see(page)

    bind(page, site, 1)
    see(page)
    first = list_bank_accounts(owner.party_id)[0].id
    page.get_by_text("2026-01-06 12:00 起可以提现").wait_for()

    page.goto(site(reverse("wallet")))
    follow(page, "充值")
    see(page)
    page.get_by_label("金额").fill("1000.00")
    press(page, "下一步")
    see(page)
    press(page, "确认充值")
    page.get_by_text("银行处理中").wait_for()
    see(page)
    settled()
    page.get_by_text("已到账，可以使用。").wait_for()
    see(page)
    assert wallet_of(owner.party_id).available.text() == "1000.00"

    page.goto(site(reverse("withdraw")))
    expect(page.locator(f'input[value="{first}"]')).to_be_disabled()
    see(page)
    page.goto(site(f"{reverse('withdraw')}?amount=400&account={first}"))
    page.get_by_text("这张卡要到 2026-01-06 12:00 才能收款").wait_for()
    see(page)

    clock.move(CARD_HOLD)
    bank.clock(clock.now())
    bind(page, site, 2)
    second = next(one.id for one in list_bank_accounts(owner.party_id) if one.id != first)
    page.goto(site(reverse("wallet")))
    follow(page, "提现")
    expect(page.locator(f'input[value="{second}"]')).to_be_disabled()
    page.locator(f'input[value="{first}"]').check()
    page.get_by_label("金额").fill("400.00")
    see(page)
    press(page, "下一步")
    see(page)
    press(page, "发送验证码")
    page.get_by_label("验证码").fill("12")
    see(page)
    press(page, "确认提现")
    page.get_by_text("验证码不对，还可以试 4 次").wait_for()
    see(page)
    page.get_by_label("验证码").fill(code_from(letters, inbox))
    press(page, "确认提现")
    page.get_by_text("银行处理中").wait_for()
    number = page.get_by_text(re.compile(r"^PO\w+$")).first.inner_text()
    page.goto(site(reverse("wallet")))
    page.get_by_text("转出途中 ¥400.00").wait_for()
    see(page)
    settled()
    page.get_by_text("没有被冻结的金额").wait_for()
    assert wallet_of(owner.party_id).balance.text() == "600.00"

    page.reload()
    page.get_by_role("heading", name="余额走势").wait_for()
    see(page)
    follow(page, "全部流水与导出")
    see(page)
    shown = lines_on(page)
    assert [line[1:] for line in shown] == [("-400.00", "600.00"), ("1000.00", "1000.00")]
    assert shown[0][0] == number
    page.get_by_label("收支").select_option("out")
    press(page, "筛选")
    assert lines_on(page) == shown[:1]
    with page.expect_download() as given:
        follow(page, "导出 CSV")
    given.value.save_as(tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["凭据"], row["收支"], row["余额"]) for row in rows] == shown[:1]

    page.goto(site(reverse("wallet-card", args=[first])))
    see(page)
    page.goto(site(reverse("auto-debit")))
    page.get_by_label("银行卡", exact=True).select_option(str(first))
    page.get_by_label("单笔上限").fill("2000")
    page.get_by_label("单日上限").fill("2000")
    page.get_by_label("我授权平台在借款到期时").check()
    press(page, "确认授权")
    page.get_by_text("单笔最多 2,000.00，单日最多 2,000.00").wait_for()
    see(page)
