"""The collectors' desk in a real browser: five cases by keys alone, and the stop at 22:00."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from rongqiao.lending.servicing.models.collecting import (
    CollectionCase,
    CollectionContact,
    PaymentPromise,
)
from tests.makers.collecting import overdue_cases, pass_days
from tests.makers.officers import make_officer

pytestmark = pytest.mark.browser
STOPPED = "现在是 22:00：每天 22:00 至次日 08:00 不得联系债务人。最早可以联系：%s 08:00。"


@pytest.fixture
def hire(clock):
    """Return `hire(*roles)`: somebody new who holds them."""

    def make(*roles):
        user_id = make_officer(clock, role=roles[0])
        for role in roles[1:]:
            make_officer(clock, user_id=user_id, role=role)
        return get_user_model().objects.get(pk=user_id)

    return make


def press(page, key, then):
    """Press a key of the desk and wait for the page it leads to."""
    with page.expect_navigation():
        page.keyboard.press(key)
    page.wait_for_load_state()
    page.locator(then).first.wait_for()


def test_a_collector_works_five_cases_by_keys_and_is_stopped_at_22(
    site, call, clock, open_page, hire
):
    overdue_cases(clock, call, count=5, days=33)
    clock.move(timedelta(hours=9, minutes=30))
    page = open_page(user=hire("collector"))
    for done in range(5):
        page.goto(site("/desk/collections/?state=open"))
        assert page.locator("[data-row]").count() == 5 - done
        page.keyboard.press("j")
        press(page, "o", "[data-key=t]")
        press(page, "t", "[data-key=c]")
        press(page, "c", "[data-key='1']")
        assert re.search(r"1380000010\d", page.locator("main").inner_text())
        if done == 0:
            page.keyboard.press("p")
            page.locator("#promise_amount:focus").wait_for()
            page.keyboard.press("Tab")
            page.locator("#promise_due_on:focus").wait_for()
            page.locator("#promise_note").focus()
            page.keyboard.type("发工资后还")
            press(page, "Control+Enter", "[data-key=c]")
        else:
            page.keyboard.press("w")
            page.locator("#end_note:focus").wait_for()
            page.keyboard.type("已说明逾期后果")
            page.keyboard.press("Tab")
            press(page, str(done), "[data-key=c]")
        clock.move(timedelta(minutes=1))
    outcomes = CollectionContact.objects.order_by("began_at").values_list("outcome", flat=True)
    assert list(outcomes) == ["promised", "no-answer", "asks-time", "refuses", "disputes"]
    assert PaymentPromise.objects.count() == 1
    clock.move(timedelta(minutes=25))
    page.keyboard.press("c")
    said = STOPPED % "2026-02-08"
    page.get_by_text(said).wait_for()
    assert page.locator("[data-key=c]").count() == 0
    assert CollectionContact.objects.count() == 5
    clock.move(timedelta(hours=10))
    page.goto(page.url.replace("begin/", ""))
    assert page.get_by_text("不得联系债务人").count() == 0
    page.locator("[data-key=c]").wait_for()


def test_the_collectors_pages_are_readable_in_every_light(site, call, clock, open_page, look, hire):
    case_id, other = overdue_cases(clock, call, count=2, days=33)
    page = open_page(user=hire("collector", "compliance_officer"))
    for path in ("", f"{case_id}/", "proposals/", "effect/"):
        assert page.goto(site(f"/desk/collections/{path}")).status == 200
        look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(site(f"/desk/collections/{case_id}/"))
    press(page, "t", "[data-key=c]")
    press(page, "c", "[data-key=p]")
    page.keyboard.press("p")
    look(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#promise_note").focus()
    press(page, "Control+Enter", "[data-key=h]")
    page.keyboard.press("h")
    page.locator("#hand-over_firm").fill("诚信资产管理公司")
    page.locator("#hand-over_reason").fill("多次失约，建议委外")
    press(page, "Control+Enter", "text=待复核")
    page.keyboard.press("m")
    page.locator("#stop_words").fill("投诉频繁来电")
    press(page, "Control+Enter", "text=一切联系停止")
    look(page)
    clock.move(timedelta(hours=10))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(site(f"/desk/collections/{other}/"))
    page.get_by_text("不得联系债务人").wait_for()
    look(page)
    for path in ("proposals/", "effect/"):
        page.goto(site(f"/desk/collections/{path}"))
        look(page)


def test_a_case_is_taken_and_called_without_scripts(site, call, clock, open_page, hire):
    (case_id,) = overdue_cases(clock, call, days=33)
    page = open_page(user=hire("collector"), scripts=False)
    page.goto(site(f"/desk/collections/{case_id}/"))
    page.get_by_role("button", name="领取").click()
    page.get_by_role("button", name="打电话给债务人").click()
    page.get_by_role("button", name="无人接听").click()
    page.get_by_text("还没有联系过").wait_for(state="detached")
    assert CollectionContact.objects.get().outcome == "no-answer"
    pass_days(clock, 1)
    assert CollectionCase.objects.get().state == "assigned"
