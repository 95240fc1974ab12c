"""Inquiries in a real browser: agreed to one by one, ticked off as they answer, read by staff."""

import pytest
from django.contrib.auth import get_user_model

from rongqiao.parties.operations.phones.set_phone import SetPhone, set_phone
from tests.makers.officers import make_officer
from tests.parties.people import actor, make_person

pytestmark = pytest.mark.browser


@pytest.fixture
def borrower(call):
    user_id, _party = make_person(call, 1)
    phone = SetPhone(user_id=user_id, phone="13800138000", is_proved=True)
    set_phone(phone, call(actor=actor(user_id)))
    return get_user_model().objects.get(pk=user_id)


def agree_to_all(page, count):
    for _ in range(count):
        with page.expect_navigation():
            page.get_by_role("button", name="同意").first.click()


def test_a_borrower_agrees_and_sees_each_source_answer(
    site, clock, registries, borrower, needs_all, open_page, look
):
    page = open_page(width=390, user=borrower)
    page.goto(site("/account/inquiries/"))
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    agree_to_all(page, 5)
    registries.faults(fail=2, only="judicial")
    with page.expect_navigation():
        page.get_by_role("button", name="现在查询").click()
    # The page fills in by itself as the sources answer.
    page.locator("#progress", has_text="不影响您继续申请").wait_for()
    page.wait_for_function(
        "() => document.querySelector('#progress').innerText.split('已答复').length === 5"
    )
    assert page.locator("#progress[hx-trigger]").count() == 0
    page.reload()
    look(page)
    page.goto(site("/account/"))
    assert page.inner_text("main").count("一致") == 2
    look(page)


def test_an_analyst_reads_the_room_and_opens_an_answer(
    site, clock, registries, borrower, needs_all, open_page, look
):
    theirs = open_page(user=borrower)
    theirs.goto(site("/account/inquiries/"))
    agree_to_all(theirs, 5)
    with theirs.expect_navigation():
        theirs.get_by_role("button", name="现在查询").click()
    theirs.wait_for_function(
        "() => document.querySelector('#progress').innerText.split('已答复').length === 6"
    )
    analyst = get_user_model().objects.get(pk=make_officer(clock, role="risk_analyst"))
    page = open_page(user=analyst)
    for path in ("", "sources/", "costs/"):
        page.goto(site(f"/desk/risk/inquiries/{path}"))
        look(page)
    page.goto(site("/desk/risk/inquiries/?source=bureau"))
    page.locator("[data-row] a").first.click()
    page.get_by_label("查看理由").fill("复核申请人的征信异议")
    with page.expect_navigation():
        page.get_by_role("button", name="查看完整内容").click()
    assert "未结清账户" in page.inner_text("main")
    look(page)
