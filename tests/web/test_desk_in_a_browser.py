"""The desk in a real browser: in every light, on a phone, and by keys alone."""

import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.platform import relay
from tests.makers import journeys
from tests.parties.people import make_user

pytestmark = pytest.mark.browser

BUSINESS = ("reviewer", "approver", "finance", "operator")


@pytest.fixture
def staff(call):
    made = journeys.make_staff(call)
    journeys.publish_first_products(call, made)
    return made


@pytest.fixture
def hire(call, staff):
    """Return `hire(*roles)`: somebody new who holds them."""

    def make(*roles):
        user_id = make_user()
        for role in roles:
            journeys.give_role(call, *staff.administrators, user_id, role)
        return get_user_model().objects.get(pk=user_id)

    return make


@pytest.fixture
def referred(call, staff):
    """Return `referred(n)`: the id of the n-th person's case that waits for an officer."""

    def make(number=1):
        borrower = journeys.make_borrower(call, number)
        case, state = journeys.apply(call, borrower, amount="60000.00")
        assert state == "referred"
        return case

    return make


def pages_of(page, site):
    """The addresses behind the doors that the desk shows."""
    page.goto(site("/desk/"))
    doors = page.locator("aside nav a")
    return [doors.nth(at).get_attribute("href") for at in range(doors.count())]


def lent(call, clock):
    """A loan, so that books and portfolio have something to show."""
    journeys.signed_loan(call, clock, journeys.make_borrower(call, 40))
    relay.drain(SUBSCRIBERS)


def test_every_page_of_the_desk_is_readable_in_every_light(
    site, call, clock, open_page, look, hire, referred
):
    case = referred()
    lent(call, clock)
    page = open_page(user=hire(*BUSINESS))
    inner = (f"/desk/cases/{case}/", "/desk/money/receipts/new/", "/desk/portfolio/overdue/")
    for path in [*pages_of(page, site), *inner]:
        assert page.goto(site(path)).status == 200
        look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(site("/desk/loans/"))
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url(re.compile("/desk/loans/.+"))
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(site("/desk/books/"))
    page.locator("main table a").first.click()
    look(page)
    page.locator("main table a").first.click()
    page.wait_for_url(re.compile("/journals/"))
    look(page)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_those_who_stand_alone_read_their_pages_in_every_light(site, open_page, look, hire, role):
    page = open_page(user=hire(role))
    for path in pages_of(page, site):
        assert page.goto(site(path)).status == 200
        look(page)


def test_every_page_of_ones_desk_is_reached_on_a_phone(site, open_page, hire):
    desk = open_page(user=hire(*BUSINESS))
    doors = pages_of(desk, site)
    phone = open_page(width=390, user=hire(*BUSINESS))
    phone.goto(site("/desk/"))
    phone.get_by_label("菜单", exact=True).first.click()
    for path in doors:
        assert phone.locator(f"a[href='{path}']:visible").count(), path


def test_three_cases_are_reviewed_by_keys_alone(site, open_page, hire, referred):
    cases = [referred(number) for number in (1, 2, 3)]
    page = open_page(user=hire("reviewer"))
    page.goto(site("/desk/queue/"))
    for _case in cases:
        page.keyboard.press("j")
        page.keyboard.press("o")
        page.wait_for_url(re.compile("/desk/cases/"))
        page.keyboard.press("t")
        page.get_by_text("已办理").wait_for()
        page.keyboard.press("a")
        form = page.locator("form[action$='/recommend/']")
        form.locator("input[name=amount]").wait_for()
        for _field in ("term", "grade", "override", "reason"):
            page.keyboard.press("Tab")
        page.keyboard.type("流水与申请一致。")
        page.keyboard.press("Control+Enter")
        page.get_by_text("已办理").wait_for()
        page.locator("form[action$='/recommend/']").wait_for(state="detached")
        page.keyboard.press("u")
        page.wait_for_url(re.compile("/desk/queue/"))
        page.goto(site("/desk/queue/?stage=referred"))
    assert page.locator("[data-row]").count() == 0
    page.goto(site("/desk/queue/?stage=recommended"))
    assert page.locator("[data-row]").count() == len(cases)


def test_single_keys_can_be_switched_off_and_stay_off(site, open_page, hire, referred):
    referred()
    page = open_page(user=hire("reviewer"))
    page.goto(site("/desk/queue/"))
    page.keyboard.press("?")
    page.get_by_role("button", name="启用单键操作").click()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.keyboard.press("?")
    expect(page.locator("#keys")).not_to_be_visible()


def test_a_case_is_taken_and_declined_without_scripts(site, open_page, hire, referred):
    case = referred()
    page = open_page(user=hire("reviewer"), scripts=False)
    page.goto(site(f"/desk/cases/{case}/"))
    page.get_by_role("button", name="领取").click()
    page.get_by_text("已办理").wait_for()
    page.locator("summary", has_text="拒绝").click()
    form = page.locator("form[action$='/decline/']")
    form.locator("input[type=checkbox]").first.check()
    form.locator("textarea").fill("收入证明与流水不符。")
    form.get_by_role("button", name="确认拒绝").click()
    page.get_by_text("已办理").wait_for()
