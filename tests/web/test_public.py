"""What a visitor finds: products, calculator, estimate, comparison, checks, in a real browser."""

import re
import time
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import brotli
import pytest
from playwright.sync_api import expect

from rongqiao.finance.quote import quote
from rongqiao.finance.schedule.terms import Terms
from rongqiao.platform import clock as platform_clock
from rongqiao.platform.models import OperationRecord, OutboxEvent
from tests.makers import journeys

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/products/",
    "/products/working-capital/",
    "/calculator/",
    "/calculator/?product=working-capital",
    "/calculator/?product=daily-revolving&amount=20000&term=6&grade=B",
    "/calculator/?product=consumer-monthly&amount=-1&term=12&grade=C",
    "/estimate/",
    (
        "/estimate/?who=organization&product=working-capital&monthly_income=60000"
        "&monthly_debt_service=0&months_established=48&term=12&revenue_annual=2000000"
    ),
    (
        "/estimate/?who=person&product=consumer-monthly&monthly_income=900"
        "&monthly_debt_service=800&months_established=2&term=12"
    ),
    "/compare/",
    "/cost/",
    "/verify/",
    "/help/",
    "/about/",
    "/terms/",
    "/privacy/",
]
ANSWERS = {
    "monthly_income": "12000",
    "monthly_debt_service": "500",
    "months_established": "40",
    "term": "12",
}


@pytest.fixture
def shop(site, call):
    """The site with its first products on offer."""
    journeys.publish_first_products(call, journeys.make_staff(call))
    return site


def test_every_public_page_is_accessible_in_both_lights_on_phone_and_desk(shop, open_page, look):
    page = open_page()
    for path in PAGES:
        page.goto(shop(path))
        look(page)


def test_a_page_that_is_not_there_leads_on(shop, open_page, look):
    page = open_page()
    answer = page.goto(shop("/nowhere/"))
    assert answer.status == 404
    expect(page.get_by_text(answer.headers["x-request-id"])).to_be_visible()
    look(page)
    page.get_by_role("link", name="回首页").click()
    assert page.url == shop("/")


def test_a_demonstration_says_that_it_is_one(shop, open_page, look, settings):
    said = "取自公开数据集"
    page = open_page(width=390)
    page.goto(shop("/"))
    assert page.get_by_text(said).count() == 0
    seed = settings.PLACES.var / "seed.json"
    seed.write_text('{"state": "done"}')
    try:
        page.reload()
        expect(page.get_by_text(said).first).to_be_visible()
        look(page)
    finally:
        seed.unlink()


def test_nothing_scrolls_sideways_at_320_px_and_every_target_is_large_enough(shop, open_page):
    page = open_page(width=320)
    for path in PAGES:
        page.goto(shop(path))
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        small = page.evaluate(
            """() => [...document.querySelectorAll('a, button, summary, select, input')]
                .filter(one => {
                  const box = one.getBoundingClientRect();
                  return box.width && box.height && (box.height < 24 || box.width < 24)
                    && getComputedStyle(one).display !== 'inline' && !one.closest('.sr-only');
                }).map(one => one.outerHTML.slice(0, 90))"""
        )
        assert small == [], path


def test_five_presses_of_the_slider_ask_once_and_the_address_follows(shop, open_page):
    page = open_page()
    page.clock.install()
    page.goto(shop("/calculator/"))
    before = page.locator("[data-figure=payment]").inner_text()
    asked = []
    page.on("request", lambda one: asked.append(one.url) if "/calculator/?" in one.url else None)
    page.locator("#amount-slider").focus()
    # The page's own time stands while the keys are pressed, however long that takes.
    page.clock.pause_at(datetime.now() + timedelta(hours=1))
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert asked == []
    page.clock.resume()
    page.wait_for_function(
        "text => document.querySelector('[data-figure=payment]').innerText !== text", arg=before
    )
    amount = page.locator("#id_amount").input_value()
    assert Decimal(amount) > 50000
    expect(page).to_have_url(re.compile(f"amount={re.escape(amount)}.*grade=C"))
    page.wait_for_timeout(600)
    assert len(asked) == 1
    again = page.locator("[data-figure=payment]").inner_text()
    page.reload()
    assert page.locator("[data-figure=payment]").inner_text() == again


def test_the_cost_shown_is_the_cost_computed(shop, open_page):
    page = open_page()
    page.goto(shop("/calculator/?product=consumer-monthly&amount=88888.88&term=18&grade=D"))
    found = quote(
        Terms(
            principal=88_888_88,
            rate_annual=Fraction(15, 100),
            start=platform_clock.calendar_date(),
            terms=18,
        )
    )
    for name, value in (("simple", found.simple), ("compound", found.compound)):
        shown = page.locator(f"[data-figure={name}]").inner_text()
        percent = (Decimal(value) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert shown == f"{percent}%"
    cells = page.locator("table.plan-table tbody tr td.pay").all_inner_texts()
    paid = [f"{one // 100:,}.{one % 100:02d}" for one in found.schedule.payments]
    assert cells == paid


@pytest.mark.parametrize("scripts", [True, False])
def test_a_limit_is_estimated_within_a_minute_without_log_in_or_inquiry(
    shop, open_page, scripts, live_db
):
    before = (OutboxEvent.objects.count(), OperationRecord.objects.count())
    page = open_page(width=390, scripts=scripts)
    began = time.monotonic()
    page.goto(shop("/"))
    page.locator("main a[href='/estimate/']").first.click()
    for name, value in ANSWERS.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main form button").click()
    shown = page.locator("[data-figure=range]")
    shown.wait_for()
    assert time.monotonic() - began < 60
    assert re.fullmatch(r"¥[\d,]+ – ¥[\d,]+", shown.inner_text())
    assert "monthly_income=12000" in page.url
    assert (OutboxEvent.objects.count(), OperationRecord.objects.count()) == before


def test_a_slider_tells_anew_what_a_floating_rate_may_cost(shop, open_page, look):
    page = open_page(width=390)
    page.goto(shop("/calculator/?product=prime-linked&amount=100000&term=12&grade=A"))
    told = page.locator("#result .note")
    expect(told).to_contain_text("若年利率自始高 1 个百分点")
    before = told.inner_text()
    look(page)
    page.locator("#id_term").fill("24")
    expect(told).not_to_have_text(before)
    expect(told).to_contain_text("利率会变")
    page.goto(shop("/products/quarterly-interest/"))
    expect(page.get_by_text("1 个季度 – 8 个季度")).to_be_visible()
    look(page)


def test_calculator_and_comparison_work_without_scripts(shop, open_page):
    page = open_page(width=390, scripts=False)
    page.goto(shop("/calculator/"))
    page.locator("#id_amount").fill("60000")
    page.locator("#id_term").fill("6")
    page.locator("main form button").click()
    expect(page.locator("table.plan-table tbody tr")).to_have_count(6)
    assert "amount=60000" in page.url
    page.get_by_role("link", name="放进对比").click()
    expect(page.locator("table.versus thead th")).to_have_count(1)
    page.locator("[name=amount]").fill("60000")
    page.locator("[name=term]").fill("12")
    page.get_by_role("button", name="放进对比").click()
    expect(page.locator("table.versus thead th")).to_have_count(2)


def test_three_plans_stand_side_by_side_and_the_link_shows_the_same(shop, open_page):
    page = open_page()
    page.goto(shop("/compare/?plan=consumer-monthly:100000:12:C"))
    page.get_by_role("link", name="企业周转贷").last.click()
    page.get_by_role("link", name="随借随还").last.click()
    expect(page.locator("table.versus thead th")).to_have_count(3)
    rates = [
        Decimal(text.rstrip("%"))
        for text in page.locator("table.versus tr:nth-child(5) td").all_inner_texts()
    ]
    heads = page.locator("table.versus thead th").all_inner_texts()
    cheapest = [name for name in heads if "年化最低" in name]
    assert cheapest == [heads[rates.index(min(rates))]]
    other = open_page()
    other.goto(page.url)
    assert other.locator("table.versus thead th").all_inner_texts() == heads


def test_the_theme_that_was_chosen_stays_and_is_there_before_anything_is_painted(shop, open_page):
    page = open_page(theme="light")
    page.goto(shop("/"))
    page.get_by_role("button", name="切换深色模式").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "rqdark"
    page.add_init_script(
        """new MutationObserver((_, watch) => { if (document.body) {
             window.atBody = document.documentElement.dataset.theme; watch.disconnect(); } })
           .observe(document, {childList: true, subtree: true})"""
    )
    page.goto(shop("/products/"))
    assert page.evaluate("window.atBody") == "rqdark"


def test_a_public_page_weighs_less_than_sixty_kilobytes(shop, open_page):
    page = open_page(width=390)
    bodies = {}
    page.on("response", lambda answer: bodies.setdefault(answer.url, answer))
    for path in ("/", "/calculator/"):
        bodies.clear()
        page.goto(shop(path), wait_until="networkidle")
        weight = sum(
            len(brotli.compress(answer.body(), quality=5))
            for answer in bodies.values()
            if answer.status == 200
        )
        assert weight < 60 * 1024, (path, weight)


def test_a_paper_that_is_not_ours_is_told_apart(shop, open_page, look):
    page = open_page(width=390)
    page.goto(shop("/verify/"))
    page.locator("[name=copy]").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 not ours"}
    )
    page.get_by_role("button", name="核对文件").click()
    expect(page.get_by_text("不是这里签发的原件")).to_be_visible()
    look(page)
    page.locator("[name=token]").fill("1234567890" * 4)
    page.get_by_role("button", name="核对证明").click()
    expect(page.get_by_text("没有这个验真码")).to_be_visible()
    look(page)


def test_the_menu_opens_by_keyboard_on_a_phone(shop, open_page, look):
    page = open_page(width=390)
    page.goto(shop("/"))
    page.locator("summary[aria-label=菜单]").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/products/"
    page.keyboard.press("Enter")
    page.wait_for_url("**/products/")
