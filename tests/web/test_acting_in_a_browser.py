"""Two windows and two parties: a form left open is not sent for the other; a notice's link asks."""

import os

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.finance.money import Money
from rongqiao.money.payments.queries.cards import CARD_HOLD
from rongqiao.money.payments.queries.wallets import wallet_of
from rongqiao.parties.models import StepUp
from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from rongqiao.platform import relay
from rongqiao.platform.models import OperationRecord
from tests.makers import banking, journeys
from tests.makers.loans import PayIn, pay_in

pytestmark = pytest.mark.browser
FIRM = "融桥（北京）示范科技有限公司"


@pytest.fixture
def both(site, call, clock, monkeypatch):
    """Somebody with 1,000.00 yuan and a card, and their firm, which was lent money.

    Return the person, the firm's party and the card.
    """
    banking.put_in_place(monkeypatch, clock)
    staff = journeys.make_staff(call)
    journeys.publish_first_products(call, staff)
    person = journeys.make_borrower(call)
    firm = journeys.Borrower(person.user_id, journeys.make_firm(call, person.user_id, 3, FIRM))
    relay.drain(SUBSCRIBERS)
    phone = SetPhone(user_id=person.user_id, phone="13812345678", is_proved=True)
    set_phone(phone, call(actor="system:test"))
    pay_in(PayIn(party=person.party_id, amount=Money.yuan("1000.00")), call())
    card = banking.add_card(call, (person.user_id, person.party_id))
    clock.move(CARD_HOLD)
    journeys.signed_loan(call, clock, firm, "prime-linked")
    relay.drain(SUBSCRIBERS)
    return person, firm.party_id, card


def shoot(page, name):
    """Also with RONGQIAO_SHOTS set: pictures of the page at both widths, for people to look at."""
    if folder := os.environ.get("RONGQIAO_SHOTS"):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png")


def press(page, name):
    page.locator("main").get_by_role("button", name=name).click()


def switch(page, name):
    page.get_by_label("当前主体").select_option(label=name)
    page.get_by_role("button", name="切换", exact=True).click()
    expect(page.get_by_text(f"现在代表 {name} 办理。")).to_be_visible()


def test_a_form_left_open_is_refused_and_a_link_asks_before_it_switches(
    site, both, open_page, look
):
    person, firm, card = both
    first = open_page(user=get_user_model().objects.get(pk=person.user_id))
    first.goto(site(f"{reverse('withdraw')}?amount=400&account={card}"))
    second = first.context.new_page()
    second.goto(site(reverse("dashboard")))
    me, company = second.get_by_label("当前主体").locator("option").all_inner_texts()
    switch(second, company)

    before = OperationRecord.objects.count()
    press(first, "发送验证码")
    said = f"这张表单是为 {me} 打开的，您现在代表 {company}。没有办理，也没有任何变动。"
    expect(first.get_by_text(said)).to_be_visible()
    expect(first.get_by_text("web.shown-for-another-party")).to_be_visible()
    assert OperationRecord.objects.count() == before
    assert not StepUp.objects.exists()
    shoot(first, "form")
    look(first)
    press(first, f"代表 {me} 重新打开")
    expect(first.get_by_text(f"现在代表 {me} 办理。")).to_be_visible()
    expect(first.get_by_role("heading", name="确认提现")).to_be_visible()
    expect(first.get_by_text("¥400.00")).to_be_visible()
    press(first, "发送验证码")
    expect(first.get_by_label("验证码")).to_be_visible()
    assert wallet_of(firm).held == Money.zero()

    # The window that acted for the firm acts for the person again: one log-in, one party.
    second.goto(site(reverse("notices")))
    second.get_by_role("link", name="放款").first.click()
    expect(second.get_by_text(f"这是 {company} 的借款。您现在代表 {me}。")).to_be_visible()
    asked = second.url
    shoot(second, "link")
    look(second)
    second.reload()
    second.get_by_role("link", name="不切换，回到总览").click()
    expect(second.get_by_label("当前主体")).to_have_value(str(person.party_id))
    second.goto(asked)
    press(second, f"代表 {company} 查看")
    expect(second.get_by_text(f"现在代表 {company} 办理。")).to_be_visible()
    assert second.url == asked
    expect(second.get_by_label("当前主体")).to_have_value(str(firm))
    expect(second.locator("main").get_by_text("¥100,000.00").first).to_be_visible()


def test_a_part_of_a_page_that_is_posted_gives_way_to_the_whole_answer(site, both, open_page):
    person, _firm, _card = both
    page = open_page(user=get_user_model().objects.get(pk=person.user_id))
    page.goto(site(reverse("application-new")))
    other = page.context.new_page()
    other.goto(site(reverse("dashboard")))
    switch(other, other.get_by_label("当前主体").locator("option").all_inner_texts()[1])
    page.evaluate(
        """() => {
          const form = document.querySelector('main form[method=post]');
          const values = Object.fromEntries(new FormData(form));
          const target = form.parentElement;
          return htmx.ajax('POST', location.pathname, {values, target, swap: 'innerHTML'});
        }"""
    )
    expect(page.get_by_text("没有办理，也没有任何变动。")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
