"""The review desk in a real browser: three cases by keys alone, papers, a phone; the declined."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import expect

from rongqiao.config.wiring import SUBSCRIBERS
from rongqiao.lending.origination.models import Application
from rongqiao.lending.origination.models.desk import Override, ReviewRequest
from rongqiao.platform import relay
from tests.makers import journeys
from tests.makers import reviewing as desk
from tests.parties.people import make_user

pytestmark = pytest.mark.browser


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


def user_of(borrower):
    return get_user_model().objects.get(pk=borrower.user_id)


def state_of(case):
    return Application.objects.get(pk=case).state


def opened(page):
    """Go from the queue to its first case by keys, and take it."""
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/desk/cases/"))
    page.keyboard.press("t")
    page.get_by_text("已办理").wait_for()


def back(page):
    page.keyboard.press("u")
    page.wait_for_url(re.compile("/desk/queue/"))


def tab(page, times):
    for _time in range(times):
        page.keyboard.press("Tab")


def test_a_reviewer_clears_three_cases_by_keys_alone(site, call, open_page, hire, staff, look):
    """One recommended, one declined against the system's word, one asked for documents."""
    for number in (1, 2, 3):
        desk.referred(call, number)
    page = open_page(user=hire("reviewer"))
    page.goto(site("/desk/queue/?free=1"))
    page.keyboard.press("?")
    page.locator("#keys").wait_for()
    page.keyboard.press("Escape")

    opened(page)
    page.keyboard.press("A")  # With Caps Lock on it is the same key.
    page.locator("form[action$='/recommend/'] input[name=amount]").wait_for()
    tab(page, 4)
    page.keyboard.type("流水与申请一致。")
    page.keyboard.press("Control+Enter")
    page.locator("form[action$='/recommend/']").wait_for(state="detached")
    back(page)
    page.goto(site("/desk/queue/?free=1"))

    opened(page)
    page.keyboard.press("d")
    page.locator("form[action$='/decline/'] input[type=checkbox]").first.wait_for()
    page.keyboard.press("Space")
    tab(page, 6)
    expect(page.locator("form[action$='/decline/'] select[name=override]")).to_be_focused()
    # The list opens, the first reason is chosen.
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    tab(page, 1)
    page.keyboard.type("用途与材料不符。")
    page.keyboard.press("Control+Enter")
    page.locator("form[action$='/decline/']").wait_for(state="detached")
    back(page)
    page.goto(site("/desk/queue/?free=1"))

    opened(page)
    page.keyboard.press("m")
    page.locator("form[action$='/ask-documents/'] input[type=checkbox]").first.wait_for()
    tab(page, 3)
    page.keyboard.press("Space")
    words = page.locator("form[action$='/ask-documents/'] textarea")
    while not words.evaluate("it => it === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("请补充近六个月的银行流水。")
    page.keyboard.press("Control+Enter")
    page.get_by_text("等 1 份材料").wait_for()
    back(page)
    page.goto(site("/desk/queue/?free=1"))
    assert page.locator("[data-row]").count() == 0
    found = sorted(Application.objects.values_list("state", flat=True))
    assert found == ["declined", "recommended", "referred"]
    assert Override.objects.get().kind == "despite-criteria-met"
    page.goto(site("/desk/queue/"))
    look(page)


def test_papers_are_turned_and_enlarged_by_keys(site, call, open_page, hire, staff, look):
    case, borrower = desk.referred(call)
    reviewer = hire("reviewer")
    desk.taken(call, reviewer.pk, case)
    desk.ask_documents(call, reviewer.pk, case, "bank-statement")
    pages = desk.pdf(3)
    desk.supply(call, borrower, case, "bank-statement", content=pages, name="a.pdf")
    page = open_page(user=reviewer)
    page.goto(site(f"/desk/cases/{case}/"))
    shown = page.locator("#papers .paper img")
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("it => it.naturalWidth") > 0
    page.keyboard.press("=")
    page.locator("#papers .paper-150").wait_for()
    page.keyboard.press("0")
    page.locator("#papers .paper-100").wait_for()
    page.keyboard.press("2")
    expect(page.locator("#papers [aria-current=true]")).to_have_text("身份证国徽面")
    page.keyboard.press("4")
    page.get_by_text("第 1 / 3 页").wait_for()
    page.keyboard.press("]")
    page.get_by_text("第 2 / 3 页").wait_for()
    page.keyboard.press("[")
    page.get_by_text("第 1 / 3 页").wait_for()
    page.keyboard.press("1")
    page.locator("#papers .paper img").wait_for()
    look(page)


def test_an_approver_decides_on_a_phone(site, call, open_page, hire, staff, look):
    case, _borrower = desk.referred(call)
    desk.taken(call, staff.reviewer, case)
    desk.recommended(call, staff.reviewer, case)
    page = open_page(width=390, user=hire("approver"))
    page.goto(site("/desk/queue/?stage=recommended"))
    page.locator("[data-row] a[data-open]").click()
    form = page.locator("form[action$='/approve/']")
    # What is to be decided stands on the first screen and a half of the phone.
    assert form.bounding_box()["y"] < 1400
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    form.locator("textarea").fill("同意初审意见。")
    form.get_by_role("button", name="确认通过").click()
    page.get_by_text("已办理").wait_for()
    assert state_of(case) == "approved"


def test_an_applicant_is_declined_sees_why_and_when_and_asks_for_a_person(
    site, call, open_page, staff, hire, look
):
    borrower = journeys.make_borrower(call, 1)
    case = journeys.fill_in(call, borrower, "consumer-monthly", months_established="1")
    page = open_page(width=390, user=user_of(borrower))
    page.goto(site(f"/my/applications/{case}/review/"))
    page.locator("input[name=agree]").check()
    page.get_by_role("button", name="提交").click()
    page.get_by_role("heading", name="没有通过的原因").wait_for()
    page.get_by_text("现职工作时间为 1 个月").wait_for()
    day = Application.objects.get(pk=case).apply_again_on
    page.get_by_text(f"{day:%Y-%m-%d} 起可以再次申请。").wait_for()
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.get_by_role("link", name="要求人工复核").click()
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.locator("textarea").fill("工作时间填错了，已经三年。")
    page.get_by_role("button", name="提交要求").click()
    page.get_by_text("2026-01-07 前答复").first.wait_for()
    look(page)
    reviewer = open_page(user=hire("reviewer"))
    reviewer.goto(site("/desk/queue/"))
    reviewer.locator("[data-row]", has_text="要求人工复核").locator("a[data-open]").click()
    reviewer.get_by_text("工作时间填错了，已经三年。").wait_for()
    look(reviewer)
    assert ReviewRequest.objects.get().answer == ""


def test_documents_asked_for_are_brought_from_a_phone(site, call, open_page, staff, look, tmp_path):
    case, borrower = desk.referred(call)
    desk.taken(call, staff.reviewer, case)
    desk.ask_documents(call, staff.reviewer, case, "bank-statement")
    page = open_page(width=390, user=user_of(borrower))
    page.goto(site(f"/my/applications/{case}/"))
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    page.get_by_role("link", name="上传材料").click()
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    scan = tmp_path / "scan.jpg"
    scan.write_bytes(journeys.picture())
    page.locator("input[type=file]").set_input_files(scan)
    page.get_by_role("button", name="上传 银行流水").click()
    page.get_by_text("材料已齐，审核继续进行。").wait_for()


def test_overrides_are_read_in_every_light(site, call, clock, open_page, staff, hire, look):
    for number in range(1, 4):
        case = desk.referred(call, number)[0]
        desk.taken(call, staff.reviewer, case)
        desk.turned_down(call, staff.reviewer, case, override="facts-doubtful")
    case, borrower = desk.declined(call, 5)
    desk.ask_person(call, borrower, case)
    desk.taken(call, staff.reviewer, case)
    desk.recommended(call, staff.reviewer, case, "20000", term_count=12, override="data-wrong")
    relay.drain(SUBSCRIBERS)
    clock.move(timedelta(minutes=1))
    page = open_page(user=hire("risk_analyst"))
    page.goto(site("/desk/queue/overrides/"))
    look(page)


def test_a_decision_is_read_by_keys_and_on_a_phone(site, call, open_page, hire, look):
    case = desk.referred(call, 1, amount="80000", monthly_income="9000")[0]
    page = open_page(user=hire("reviewer"))
    page.goto(site(f"/desk/cases/{case}/"))
    page.keyboard.press("e")
    page.wait_for_url(re.compile("/decisions/1/"))
    known = page.get_by_role("table", name="当时知道的信息")
    expect(known).to_be_hidden()
    page.keyboard.press("f")
    expect(known).to_be_visible()
    page.locator("summary", has_text="未命中").first.press("Enter")
    page.get_by_text("age < 18").wait_for()
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    expect(known).to_be_visible()
    page.keyboard.press("u")
    page.wait_for_url(re.compile(f"/desk/cases/{case}/$"))
