"""The bank's page: what there is to see, what its forms do, and that anybody can read it."""

import pytest
from playwright.sync_api import sync_playwright

from rongqiao.finance.money import Money
from rongqiao.money.payments.gateways.bank import HttpBank
from tests.sandboxes.customers import order
from tests.web.conftest import CHROMIUM, DRAWN_TWICE, FLAGS, THEMES, WIDTHS, axe


@pytest.fixture
def lived(bank, gateway, card):
    """A bank with something on each list: every state an order can have, and a forgery."""
    bank.faults(fail_rate=0.2, wrong_signature_rate=0.3, return_rate=0.4, return_after_ms=0)
    for number in range(8):
        gateway.send_order(order(f"PO-{number}", "top_up", **card))
    bank.settle()
    for number in range(8):
        gateway.send_order(order(f"W-{number}", "withdrawal", "1.00", memo="工资", **card))
    bank.settle()
    gateway.close_order("PO-CLOSED")
    gateway.send_order(order("PO-NEXT"))
    return bank


def test_the_page_shows_orders_cards_and_callbacks(lived):
    page = lived.client.get(lived.url).text
    for word in ("存管总余额", "PO-CLOSED", "退汇 · returned", "···· 0123", "forged", "处理中"):
        assert word in page
    assert "6222021234567890123" not in page


def test_the_page_shows_markup_as_text(bank):
    bank.card("62220000000000", "<script>alert(1)</script>")
    assert "<script>" not in bank.client.get(bank.url).text
    assert "<b>" not in bank.client.get(bank.url + "/?said=<b>").text


def test_a_form_that_is_refused_says_why(bank):
    answer = bank.client.post(
        bank.url + "/sandbox/credits", data={"from_name": "李四", "amount": "1"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/?said=amount")


@pytest.mark.browser
def test_the_page_is_for_everybody_and_its_forms_work(lived):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        complaints = []
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                page.goto(lived.url)
                page.evaluate(
                    "for (const one of document.querySelectorAll('details')) one.open = 1"
                )
                page.evaluate(DRAWN_TWICE)
                assert axe(page) == set()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        before = HttpBank(lived.url, lived.secret).balance()
        page.goto(lived.url)
        page.get_by_text("A foreign credit").click()
        page.get_by_label("付款人 · from").fill("李四")
        page.get_by_role("button", name="入账").click()
        assert "Done" in page.get_by_role("status").inner_text()
        page.get_by_text("What goes wrong").click()
        page.get_by_label("失败率").fill("0.25")
        page.get_by_label("随机种子").fill("42")
        page.get_by_role("button", name="保存").click()
        page.get_by_text("A mistake in a statement").click()
        page.get_by_label("差错").select_option("fee")
        page.get_by_role("button", name="植入").click()
        page.get_by_role("button", name="立即结算").click()
        browser.close()
    assert complaints == []
    faults = lived.get("/faults")
    assert (faults["fail_rate"], faults["seed"], faults["return_rate"]) == (0.25, 42, 0.4)
    gained = HttpBank(lived.url, lived.secret).balance() - before
    assert gained in (Money.yuan("95.00"), Money.yuan("195.00"))
